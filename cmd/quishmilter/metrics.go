package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"quishmilter/control"
	"quishmilter/inspect"
	"quishmilter/milter"
)

// gauges are where metrics look when somebody asks for them.
func (f *filter) gauges(server *milter.Server) control.Gauges {
	return control.Gauges{
		Workers: func() control.Workers {
			s := f.pool.Stats()
			return control.Workers{All: s.Workers, Busy: s.Busy, Waiting: s.Waiting, Replaced: s.Replaced, Failed: s.Failed}
		},
		Sessions: func() control.Sessions {
			s := server.Stats()
			return control.Sessions{Open: s.Open, Busy: s.Busy, Limit: s.Limit, Refused: s.Refused}
		},
		State:    f.stateGauges,
		Spool:    f.history.Waiting,
		Findings: f.findingsCounted,
	}
}

// findingsCounted has a zero for each detection that found nothing: Prometheus sees no rise in a series that begins with
// its first finding.
func (f *filter) findingsCounted() (byName map[string]int64, blocked int64) {
	byName, blocked = f.found.Counted()
	for _, d := range f.rules.Load().detections {
		byName[d.name] += 0
	}
	return byName, blocked
}

func (f *filter) stateGauges() control.State {
	size, _ := f.db.Size()        // 0 says that the file is gone
	journal, _ := f.events.Size() // likewise
	oldest, _ := f.events.Oldest()
	s := f.db.Stats()
	return control.State{Bytes: size, Free: f.db.Free(), Journal: journal, Room: int64(f.rules.Load().keep.Size), Oldest: oldest, Early: f.early.all.Load(), Commits: s.Commits, Changes: s.Changes, Failures: s.Failures}
}

// ready is nil while new mail is taken.
func (f *filter) ready() error {
	switch {
	case !f.serving.Load():
		return errors.New("the daemon starts, or stops")
	case f.pool.Stats().Ready == 0:
		return errors.New("no worker is ready; pictures and documents are not read")
	}
	return nil
}

// servesUntil notes that new mail is taken, until ctx ends.
func (f *filter) servesUntil(ctx context.Context) {
	f.serving.Store(true)
	context.AfterFunc(ctx, func() { f.serving.Store(false) })
}

// serveCommands answers the other commands on the control socket, and Prometheus where the settings say.
func (f *filter) serveCommands(ctx context.Context, s Settings, mail *milter.Server) (stop func(), err error) {
	access, err := s.controlAccess()
	if err != nil {
		return nil, err
	}
	ln, err := lastingListener(ctx, f.log, func() (net.Listener, error) { return control.Listen(s.control(), access) })
	if err != nil {
		return nil, err
	}
	records := &records{db: f.db, history: f.history, events: f.events, holds: f.holds, entryLists: f.entries, judge: func() *inspect.Inspector { return f.rules.Load().inspector }, failing: f.failing.Load, ready: f.ready}
	server := control.NewServer(records, time.Now, f.log)
	server.Metrics = f.metrics
	f.metrics.Watch(f.gauges(mail))
	if s.Metrics != "" {
		open, err := net.Listen("tcp", s.Metrics)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("listening for Prometheus: %w", err), ln.Close())
		}
		go f.control(server.ServeOpen, open)
	}
	go f.control(server.Serve, ln)
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		server.Shutdown(ctx)
	}, nil
}

func (f *filter) control(serve func(net.Listener) error, ln net.Listener) {
	if err := serve(ln); err != nil {
		f.log.ControlFailed("serving", err)
	}
}
