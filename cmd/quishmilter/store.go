package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"quishmilter/control"
	"quishmilter/journal"
	"quishmilter/prevalence"
	"quishmilter/state"
)

// localStore is the setting of a host that has its own histories.
const localStore = "local"

// connectTime is how long a start waits for the shared store; it goes on trying afterwards.
const connectTime = 2 * time.Second

// openStore opens the histories as the settings have them: it makes a secret that is missing, and hashes names that are
// there, which is for good. Only what writes new history does that, the daemon and learn.
func openStore(ctx context.Context, s Settings, db *state.DB, log *journal.Log) (*prevalence.Store, error) {
	o := storeOptions(s, log)
	if s.Prevalence.Secret != "" {
		_, missing := os.Stat(s.Prevalence.Secret)
		secret, err := prevalence.Secret(s.Prevalence.Secret)
		if err == nil && errors.Is(missing, fs.ErrNotExist) {
			err = state.GiveToOwner(s.Prevalence.Secret, s.State)
		}
		if err != nil {
			return nil, err
		}
		o.Secret = secret
	}
	return openWith(ctx, db, o)
}

// lookStore opens the histories under the names that they have.
func lookStore(ctx context.Context, s Settings, db *state.DB, log *journal.Log) (*prevalence.Store, error) {
	o := storeOptions(s, log)
	o.AsItIs = true
	if s.Prevalence.Secret != "" {
		secret, err := prevalence.ReadSecret(s.Prevalence.Secret)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		o.Secret = secret
	}
	return openWith(ctx, db, o)
}

func storeOptions(s Settings, log *journal.Log) prevalence.Options {
	o := prevalence.Options{Failed: log.HistoryFailed}
	if s.Store != localStore {
		o.Shared = &prevalence.Sharing{URL: s.Store, Away: log.SharedAway, Back: log.SharedBack, Dropped: log.SharedDropped}
	}
	return o
}

// openWith opens the histories and gives a shared store some time to answer.
func openWith(ctx context.Context, db *state.DB, o prevalence.Options) (*prevalence.Store, error) {
	store, err := prevalence.Open(ctx, db, o)
	if err != nil {
		return nil, fmt.Errorf("opening the histories: %w", err)
	}
	connected := make(chan struct{})
	go func() {
		defer close(connected)
		store.Connect(ctx)
	}()
	select {
	case <-connected:
	case <-time.After(connectTime):
	}
	return store, nil
}

// historyOf says how far back a store reaches, seen from now.
func historyOf(store *prevalence.Store, w prevalence.Window, now time.Time) (control.History, error) {
	h := control.History{Store: localStore, Waiting: store.Waiting()}
	if store.Shared() {
		h.Store, h.Away = "shared", store.Away()
	}
	var err error
	if h.Since, err = store.Since(); err != nil {
		return h, err
	}
	h.LearningUntil = learningUntil(h.Since, w, now)
	return h, nil
}

// learningUntil is when history that begins then is as long as the window, the zero time when it is already. Before the
// first message it begins now.
func learningUntil(since time.Time, w prevalence.Window, now time.Time) time.Time {
	if since.IsZero() {
		since = now
	}
	if end := since.Add(w.Before); end.After(now) {
		return end.UTC().Truncate(time.Second)
	}
	return time.Time{}
}

// learning says so when history is shorter than the window, and once when it is not any more.
func (f *filter) learning(now time.Time, before bool) (learns bool) {
	h, err := historyOf(f.history, f.window(), now)
	switch {
	case err != nil:
		f.log.HistoryFailed(err)
		return before
	case !h.LearningUntil.IsZero():
		if !before {
			f.sayLearning(h, now)
		}
		return true
	}
	if before {
		f.log.Learned(h.Since)
	}
	return false
}

// sayLearning says since when and until when. A history that is empty begins with the first message, which may come now.
func (f *filter) sayLearning(h control.History, now time.Time) {
	meaning := f.rules.Load().strictness
	if h.Since.IsZero() {
		h.Since, meaning = now, "there is no history yet, and "+meaning
	}
	f.log.Learning(h.Since, h.LearningUntil, meaning)
}

// watchLearning looks now and then whether learning is over.
func (f *filter) watchLearning(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for learns := f.learning(time.Now(), false); learns; {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			learns = f.learning(now, true)
		}
	}
}

// strictness says in words what learning means for the mail.
func (s Settings) strictness() string {
	switch {
	case s.Policy != "strict":
		return "until then every sender seems new"
	case s.Learning == "hold":
		return `until then every sender seems new, and the strict policy holds their links (learning = "hold")`
	}
	return `until then every sender seems new, and the strict policy tags where it would hold (learning = "tag")`
}

// checkStore says what is wrong with the settings of the store.
func (s Settings) checkStore() error {
	if s.Store == localStore {
		return nil
	}
	if err := prevalence.CheckURL(s.Store); err != nil {
		return settingError{"store", err.Error() + `; or write "local" for a history of this host alone`}
	}
	return nil
}

// storePassword says whether the configuration holds the password of the shared store.
func (s Settings) storePassword() bool {
	u, err := url.Parse(strings.SplitN(s.Store, ",", 2)[0])
	if err != nil {
		return false
	}
	_, set := u.User.Password()
	return set || u.Query().Has("sentinel_password")
}
