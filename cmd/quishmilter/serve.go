package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"quishmilter/control"
	"quishmilter/inspect"
	"quishmilter/journal"
	"quishmilter/milter"
	"quishmilter/state"
)

func serveCommand(load func() (Settings, error)) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the milter",
		Long:  "Run the milter until SIGTERM, which lets the messages under way finish. Without a configuration it listens on inet:127.0.0.1:8895 and keeps its state in ./quishmilter-state (or $STATE_DIRECTORY).",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := load()
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, os.Interrupt)
			defer stop()
			return serve(ctx, settings, load)
		},
	}
}

// warmingTime is how long the first start may wait for the PDF renderer to be compiled.
const warmingTime = 20 * time.Second

// drainTime is how long messages under way may take after SIGTERM, beyond their own time limit.
const drainTime = 5 * time.Second

// serve is the whole program: state, workers, the filter, the sockets.
func serve(ctx context.Context, s Settings, load func() (Settings, error)) error {
	defer runtime.KeepAlive(ballast())
	hangup := hangups()
	log, flush, err := openLog(s)
	if err != nil {
		return err
	}
	defer flush()
	log.Starting(Version(), s.file)
	db, err := state.Open(s.stateFile(), state.Options{})
	if err != nil {
		return fmt.Errorf("opening the state: %w", err)
	}
	defer db.Close()
	metrics := control.NewMetrics(Version())
	pool, err := newPool(s, s.cacheFolder(), log, metrics.WorkerWait)
	if err != nil {
		return err
	}
	defer pool.Close()
	history, err := openStore(ctx, s, db, log)
	if err != nil {
		return err
	}
	defer history.Close()
	lines, err := openEventLines(s.Journal.Lines, log)
	if err != nil {
		return err
	}
	defer lines.flush()
	f := &filter{db: db, history: history, events: journal.New(db), holds: journal.NewHolds(db), entries: &entryLists{store: journal.NewEntries(db), changed: make(chan struct{}, 1)},
		known: inspect.NewKnown(), log: log, lines: lines, clock: newClock(), metrics: metrics, pool: pool}
	f.found.block = f.block
	if err := f.apply(s, pool); err != nil {
		return err
	}
	server := &milter.Server{Handle: f.handle, Failure: f.failure, Wants: f.wants, Recipient: f.recipient, Limits: s.milterLimits(), Log: log.Slog()}
	stop, err := f.serveCommands(ctx, s, server)
	if err != nil {
		return err
	}
	defer stop()
	ln, err := listen(ctx, s, log)
	if err != nil {
		return fmt.Errorf("listening for Postfix: %w", err)
	}
	warming, cancel := context.WithTimeout(ctx, warmingTime)
	pool.Warmed(warming) // meanwhile Postfix waits at the socket
	cancel()
	f.background(ctx)
	go f.reloads(ctx, hangup, load, pool)
	log.Listening(s.Listen)
	daemon.SdNotify(false, daemon.SdNotifyReady)
	f.servesUntil(ctx)
	return run(ctx, server, ln, s.Limits.Time.std()+drainTime)
}

// background is what goes on beside the mail until ctx ends.
func (f *filter) background(ctx context.Context) {
	go f.expire(ctx)
	go f.history.Work(ctx)
	go f.watchLearning(ctx)
	go f.detect(ctx)
	go f.shareEntries(ctx)
	go f.watchHolds(ctx)
	go watchdog(ctx)
}

// run serves until ctx ends and then lets the messages under way finish.
func run(ctx context.Context, server *milter.Server, ln net.Listener, patience time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(context.WithoutCancel(ctx), ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving Postfix: %w", err)
	case <-ctx.Done():
	}
	daemon.SdNotify(false, daemon.SdNotifyStopping)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(drain); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// watchdog tells systemd that the daemon lives, where the unit asks for that (WatchdogSec).
func watchdog(ctx context.Context) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every == 0 {
		return
	}
	tick := time.NewTicker(every / 2)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			daemon.SdNotify(false, daemon.SdNotifyWatchdog)
		case <-ctx.Done():
			return
		}
	}
}
