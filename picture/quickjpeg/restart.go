package quickjpeg

// restarts finds restart markers (E.2.4), with libjpeg's way out where the one that is due is not there.
type restarts struct {
	data    []byte
	due     byte // the number of the next one, 0 to 7
	at      int  // where the data go on
	skipped bool
}

// next looks for the next marker at the end of a segment. False means that the marker that stands there belongs to a later
// stretch, or to no scan, so that this stretch is lost.
func (r *restarts) next(end int) (ok bool) {
	due := r.due
	r.due = (r.due + 1) & 7
	r.at, r.skipped = end, false
	for r.at+1 < len(r.data) {
		marker := r.data[r.at+1]
		if marker < mRST0 || marker > mRST7 {
			return false
		}
		switch (marker - mRST0 - due) & 7 {
		case 1, 2: // of a later stretch
			return false
		case 6, 7: // of an earlier one: there is too much in the file
			r.at, r.skipped = nextSegment(r.data, r.at+2), true
		case 0:
			r.at += 2
			return true
		default:
			r.at, r.skipped = r.at+2, true
			return true
		}
	}
	return false
}

// nextSegment is where the segment ends that begins at a place of the file.
func nextSegment(data []byte, at int) int {
	for ; at+1 < len(data); at++ {
		if data[at] == 0xff && data[at+1] != 0 && data[at+1] != 0xff {
			return at
		}
	}
	return len(data)
}
