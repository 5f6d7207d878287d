package picture

import (
	"bytes"
	"errors"
	"io"

	"github.com/nwaples/rardecode/v2"

	"quishmilter/mime"
)

// maxDictionary is the largest window that an archive may ask for: RAR allows 64 GB, and writers use 32 MB by default.
const maxDictionary = 64 << 20

// openRAR looks into a RAR archive of version 1.5 to 7. In a solid archive each file is unpacked for the next one's
// sake, so their sizes count against the budget.
func openRAR(v *view) {
	m := &members{view: v, carrier: v.carrier}
	defer func() {
		if recover() != nil {
			v.problem(mime.Broken, "", "the RAR archive does not unpack")
		}
	}()
	files, err := rardecode.NewReader(bytes.NewReader(v.part.Data), rardecode.MaxDictionarySize(maxDictionary))
	for err == nil {
		var header *rardecode.FileHeader
		if header, err = files.Next(); err != nil {
			break
		}
		if header.Solid && !v.spend(header.UnPackedSize) {
			m.over(header.Name)
			break
		}
		if header.IsDir {
			continue
		}
		open := func() (io.Reader, error) {
			if header.Encrypted {
				return nil, errEncrypted
			}
			return files, nil
		}
		if !m.look(member{header.Name, header.UnPackedSize, open}) {
			break
		}
	}
	m.end()
	switch {
	case err == nil, errors.Is(err, io.EOF):
	case errors.Is(err, rardecode.ErrArchiveEncrypted), errors.Is(err, rardecode.ErrArchivedFileEncrypted):
		v.problem(mime.Encrypted, "", "the RAR archive needs a password")
	case errors.Is(err, rardecode.ErrDictionaryTooLarge):
		v.problem(mime.OverLimit, "", "the RAR archive needs more than %d MB to unpack", maxDictionary>>20)
	case errors.Is(err, rardecode.ErrMultiVolume):
		v.problem(mime.Unsupported, "", "archives in several volumes are not read")
	default:
		v.problem(mime.Broken, "", "the RAR archive is damaged")
	}
}
