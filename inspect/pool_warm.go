package inspect

import (
	"context"
	"errors"
	"time"
)

// warmTime bounds the compilation of the PDF renderer, which takes a second of an idle core.
const warmTime = 2 * time.Minute

// warm fills the compilation cache from a process of its own that sees no mail, so that those that do need not be
// able to write there, and the first PDF does not wait.
func (p *Pool) warm() {
	defer close(p.warmed)
	c, err := p.start()
	if err != nil {
		return // refill meets the same and says so
	}
	defer c.kill()
	if err := p.compile(c); err != nil && p.ctx.Err() == nil {
		p.config.Log.Warn("the PDF renderer was not prepared; the first PDFs take longer", "err", err)
	}
}

// compile has a worker compile the renderer.
func (p *Pool) compile(c *child) error {
	ctx, cancel := context.WithTimeout(p.ctx, warmTime)
	defer cancel()
	defer c.within(ctx)()
	if err := writeHeader(c.conn, job{Warm: true}); err != nil {
		return err
	}
	if err := writeFrame(c.conn, nil); err != nil {
		return err
	}
	a, err := readAnswer(c.in)
	if err == nil && a.Problem != nil {
		err = errors.New(a.Problem.Detail)
	}
	return err
}
