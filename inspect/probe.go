package inspect

import (
	"context"

	"quishmilter/sandbox"
)

// Probe has a worker of its own try what workers must not do, and says what came of it. It sees no mail.
func (p *Pool) Probe(ctx context.Context) ([]sandbox.Attempt, error) {
	c, err := p.start(p.room.usual)
	if err != nil {
		return nil, err
	}
	defer c.kill()
	defer c.within(ctx)()
	if err := writeHeader(c.conn, job{Probe: true}); err != nil {
		return nil, err
	}
	if err := writeFrame(c.conn, nil); err != nil {
		return nil, err
	}
	a, err := readAnswer(c.in)
	return a.Tried, err
}
