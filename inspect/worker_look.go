package inspect

import (
	"context"
	"encoding/json"
	"math"
	"slices"

	"quishmilter/mime"
	"quishmilter/payload"
	"quishmilter/picture"
	"quishmilter/qr"
)

// look reads one picture and says what is in it at once, so that a code is not lost when the next picture takes the
// process down.
func (w *worker) look(ctx context.Context, p picture.Picture) {
	if p.Link.URL != "" {
		asks := slices.Contains(payload.Letter{Texts: []string{p.Link.Words}}.Signals(), payload.SignalAsksToScan)
		w.keep(w.say(answer{Link: &Link{URL: p.Link.URL, AsksToScan: asks}}))
		return
	}
	if p.Image == nil {
		w.told(p)
		return
	}
	result := qr.Read(ctx, p.Image)
	others := company(result.Codes)
	for n, code := range result.Codes {
		box := codeBox(code.Corners)
		code.Tricks = slices.Concat(p.Tricks, code.Tricks, others[n])
		for i, c := range code.Corners {
			if math.IsNaN(c.X+c.Y) || math.IsInf(c.X+c.Y, 0) {
				code.Corners[i] = qr.Point{}
			}
		}
		w.keep(w.say(answer{Found: &Found{Code: code, At: cutPlace(p.At), Name: cutPlace(p.Name), Carrier: p.Carrier, Box: box, Words: wordsOf(p),
			Shown: w.evidence(ctx, p.Image, code, box)}}))
	}
	for _, cut := range result.Cut {
		kind := mime.OverLimit
		if cut == "time" {
			kind = mime.Timeout
		}
		w.problem(mime.Problem{At: p.At, Kind: kind, Detail: "the search for codes was cut short: " + cut})
	}
}

// told says a code whose content stood in text; the generators and fields that are known make QR codes.
func (w *worker) told(p picture.Picture) {
	code := qr.Code{Symbology: "qr", Bytes: []byte(p.Payload), Text: p.Payload, Tricks: p.Tricks}
	w.keep(w.say(answer{Found: &Found{Code: code, At: cutPlace(p.At), Name: cutPlace(p.Name), Carrier: p.Carrier, Words: wordsOf(p)}}))
}

// wordsOf says what is remarkable about the words of the document around a code.
func wordsOf(p picture.Picture) []string {
	if p.Words == nil {
		return nil
	}
	return payload.DocumentSignals(p.Words())
}

func (w *worker) problem(p mime.Problem) {
	p.At, p.Detail = cutPlace(p.At), cutPlace(p.Detail)
	w.keep(w.say(answer{Problem: &p}))
}

func (w *worker) keep(err error) {
	if w.failed == nil {
		w.failed = err
	}
}

func (w *worker) say(a answer) error {
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if len(line) >= maxLine {
		return w.say(answer{Problem: &mime.Problem{Kind: mime.OverLimit, Detail: "a code that holds more than can be told"}})
	}
	_, err = w.out.Write(append(line, '\n'))
	return err
}

// codeBox is the upright box around a code.
func codeBox(corners [4]qr.Point) [4]int {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range corners {
		x0, y0 = math.Min(x0, c.X), math.Min(y0, c.Y)
		x1, y1 = math.Max(x1, c.X), math.Max(y1, c.Y)
	}
	return [4]int{pixel(math.Floor(x0)), pixel(math.Floor(y0)), pixel(math.Ceil(x1)), pixel(math.Ceil(y1))}
}

// pixel keeps a coordinate in what the daemon takes; NaN becomes 0.
func pixel(f float64) int {
	if math.IsNaN(f) {
		return 0
	}
	return int(math.Max(-maxCoordinate, math.Min(maxCoordinate, f)))
}
