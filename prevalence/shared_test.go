package prevalence

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"quishmilter/state"
	"quishmilter/test/redis"
)

// host is one filter's share: a state file and a store.
type host struct {
	*Store
	db         *state.DB
	away, back atomic.Int32
	backlog    atomic.Uint64 // that was told with the last back
}

func newHost(t testing.TB, url, path string) *host {
	t.Helper()
	return newHostWith(t, url, path, nil)
}

func newHostWith(t testing.TB, url, path string, secret []byte) *host {
	t.Helper()
	db, err := state.Open(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &host{db: db}
	h.Store, err = Open(t.Context(), db, Options{
		Secret: secret,
		Shared: &Sharing{URL: url, Away: func(error) { h.away.Add(1) }, Back: func(n uint64) { h.back.Add(1); h.backlog.Store(n) }},
		Failed: func(err error) { t.Error(err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.Close()
		db.Close()
	})
	return h
}

func hosts3(t testing.TB, url string) (all []*host) {
	for range 3 {
		all = append(all, newHost(t, url, filepath.Join(t.TempDir(), "state.db")))
	}
	return all
}

// settle makes the host do what Work does, once.
func (h *host) settle(t testing.TB) {
	t.Helper()
	deriveAll(t, h.Store)
	if err := h.shared.step(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (h *host) untilDelivered(t testing.TB) {
	t.Helper()
	for range 1000 {
		if h.settle(t); h.Waiting() == 0 && !h.shared.away.Load() {
			return
		}
	}
	t.Fatalf("the shared store does not take the %d changes that wait", h.Waiting())
}

func (h *host) connect(t testing.TB) {
	t.Helper()
	for range 100 { // a busy machine may miss the 50 ms
		if h.Connect(t.Context()); !h.shared.away.Load() {
			h.away.Store(0)
			h.back.Store(0)
			return
		}
	}
	t.Fatal("the shared store is away")
}

func TestThreeHostsShareOneHistory(t *testing.T) {
	server := redis.Start(t)
	all := hosts3(t, server.URL())
	for i, h := range all {
		h.connect(t)
		r := ago(time.Duration(48+i) * time.Hour)
		r.Domain, r.To, r.Recipients = "a.example", []string{"r@b.example"}, 2
		r.ID = NewFingerprint(fmt.Sprint(i), r.From, nil)
		add(t, h.Store, r)
		h.settle(t)
	}
	again := ago(time.Hour) // the first host's message comes to the third, and is held there
	again.Domain, again.To, again.Recipients = "a.example", []string{"r@b.example"}, 2
	again.ID, again.Outcome, again.Event = NewFingerprint("0", again.From, nil), Held, "EVENT"
	again.Time = now.Add(-47 * time.Hour)
	add(t, all[2].Store, again, again)
	all[2].settle(t)
	for i, h := range all {
		for kind, key := range map[Kind]string{Address: "x@a.example", Domain: "a.example", Pair: PairKey("x@a.example", "r@b.example")} {
			got, err := h.CountOf(kind, key, now, Default())
			if want := (Counts{Messages: 2, Recipients: 4, Days: 1, First: now.Add(-50 * time.Hour), Last: now.Add(-49 * time.Hour), FirstBy: now.Add(-50 * time.Hour)}); err != nil || got != want {
				t.Errorf("host %d, %s: %+v, want %+v, %v", i, kind, got, want, err)
			}
			if got, err := h.CountOf(kind, key, now, Hunt()); err != nil || got.Messages != 3 {
				t.Errorf("host %d, %s, everything: %+v, %v", i, kind, got, err)
			}
		}
	}
	if err := all[2].Release(t.Context(), "EVENT"); err != nil {
		t.Fatal(err)
	}
	all[2].settle(t)
	if got, err := all[1].Count("x@a.example", now, Default()); err != nil || got.Messages != 3 {
		t.Errorf("after the release: %+v, %v", got, err)
	}
	if since, err := all[0].Since(); err != nil || !since.Equal(now.Add(-48*time.Hour)) {
		t.Errorf("history begins at %v, %v", since, err) // it was asked for when the first host alone had written
	}
}

// knows asks until the answer is right, for a while: on a busy machine a question may find the store too slow, and then
// what is known locally answers, which is less.
func knows(t *testing.T, host, want int, ask func() (Counts, error)) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		got, err := ask()
		if err == nil && got.Messages == want {
			return
		}
		if time.Now().After(end) || got.Messages > want {
			t.Errorf("host %d: %d messages, want %d, %v", host, got.Messages, want, err)
			return
		}
	}
}

// TestDeathAndReturnInTheMiddleOfTraffic: three hosts write, the server is killed and started again and again, one
// host dies with its queue full. In the end every message counts once.
func TestDeathAndReturnInTheMiddleOfTraffic(t *testing.T) {
	server := redis.Start(t)
	var paths []string
	var all []*host
	for range 3 {
		paths = append(paths, filepath.Join(t.TempDir(), "state.db"))
		all = append(all, newHost(t, server.URL(), paths[len(paths)-1]))
	}
	for _, h := range all {
		h.connect(t)
	}
	ctx, stop := context.WithCancel(t.Context())
	var working, writing sync.WaitGroup
	for _, h := range all[:2] {
		working.Go(func() { h.Work(ctx) })
	}
	const messages, senders = 1500, 7
	sent := make([]atomic.Int32, senders)
	var total atomic.Int32
	milestone := make(chan struct{}, 3*messages)
	for n, h := range all {
		writing.Go(func() {
			for i := range messages {
				sender := (i*3 + n) % senders
				r := ago(time.Duration(48*3600+i) * time.Second)
				r.From, r.Domain = fmt.Sprintf("s%d@a.example", sender), "a.example"
				r.ID = NewFingerprint(fmt.Sprint(n, i), r.From, nil)
				add(t, h.Store, r)
				if i%10 == 0 { // a retry on the same host
					add(t, h.Store, r)
				}
				sent[sender].Add(1)
				if total.Add(1)%400 == 0 {
					milestone <- struct{}{}
				}
				if took := timed(func() { _, _ = h.Count(r.From, now, Default()) }); took > time.Second {
					t.Errorf("a question took %v", took)
				}
			}
		})
	}
	for range 4 {
		<-milestone
		server.Kill()
		<-milestone
		server.Run()
	}
	writing.Wait()
	server.Kill()
	if waiting := all[2].Waiting(); waiting < messages {
		t.Errorf("%d changes wait in the file of the host that never delivered", waiting)
	}
	stop()
	working.Wait()
	all[2].Close() // the third never worked: all its messages wait in its file
	if err := all[2].db.Close(); err != nil {
		t.Fatal(err)
	}
	server.Run()
	all[2] = newHost(t, server.URL(), paths[2])
	all[2].connect(t)
	for _, h := range all {
		h.untilDelivered(t)
	}
	for i, h := range all {
		for sender := range sent {
			knows(t, i, int(sent[sender].Load()), func() (Counts, error) { return h.Count(fmt.Sprintf("s%d@a.example", sender), now, Default()) })
		}
		knows(t, i, 3*messages, func() (Counts, error) { return h.CountOf(Domain, "a.example", now, Default()) })
		if h.away.Load() < h.back.Load() {
			t.Errorf("host %d was told %d times that the store went, and %d times that it came", i, h.away.Load(), h.back.Load())
		}
	}
}

func timed(fn func()) time.Duration {
	begin := time.Now()
	fn()
	return time.Since(begin)
}

func TestAwayIsToldOnceAndDelaysNoMessage(t *testing.T) {
	server := redis.Start(t)
	h := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	other := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	h.connect(t)
	other.connect(t)
	add(t, other.Store, ago(48*time.Hour), ago(49*time.Hour))
	other.settle(t)
	if got, err := h.Count("x@a.example", now, Default()); err != nil || got.Messages != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	h.settle(t) // writes down what it was told
	server.Freeze()
	asked := 0
	h.shared.fetch = func(ctx context.Context, places []name, rows []row) error {
		asked++
		if end, bounded := ctx.Deadline(); !bounded || time.Until(end) > awayAfter {
			t.Errorf("the shared store is asked until %v", end)
		}
		err := h.shared.remote.fetch(ctx, places, rows)
		if !errors.Is(err, context.DeadlineExceeded) { // it ends with the time that it has, and not before: the store hangs
			t.Errorf("the question ended with %v", err)
		}
		return err
	}
	for i := range 100 {
		if got, err := h.Count("x@a.example", now, Default()); err != nil || got.Messages != 2 {
			t.Fatalf("question %d: it forgot what it was told: %+v, %v", i, got, err)
		}
	}
	if asked != 1 {
		t.Errorf("%d questions waited for a store that hangs", asked)
	}
	h.shared.fetch = h.shared.remote.fetch
	add(t, h.Store, ago(50*time.Hour))
	server.Thaw()
	h.untilDelivered(t)
	if h.away.Load() != h.back.Load() || h.away.Load() < 1 {
		t.Errorf("told %d times that it went, %d times that it came", h.away.Load(), h.back.Load())
	}
	if got, err := other.Count("x@a.example", now, Default()); err != nil || got.Messages != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAStoreThatIsAwayAtTheStart(t *testing.T) {
	server := redis.Start(t)
	server.Kill()
	h := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	h.Connect(t.Context())
	h.Connect(t.Context())
	add(t, h.Store, ago(48*time.Hour))
	deriveAll(t, h.Store)
	if got, err := h.Count("x@a.example", now, Default()); err != nil || got.Messages != 1 || h.away.Load() != 1 {
		t.Errorf("%+v, %v, told %d times", got, err, h.away.Load())
	}
	server.Run()
	h.untilDelivered(t)
	if h.Waiting() != 0 || h.back.Load() != 1 || h.backlog.Load() != 1 {
		t.Errorf("%d changes wait, told %d times, of %d", h.Waiting(), h.back.Load(), h.backlog.Load())
	}
}

// What waits from before a restart is told as what it is.
func TestARestartWithRecordsThatWait(t *testing.T) {
	server := redis.Start(t)
	server.Kill()
	path := filepath.Join(t.TempDir(), "state.db")
	h := newHost(t, server.URL(), path)
	const records = 2*deliverRun + 3
	for i := range records {
		add(t, h.Store, ago(time.Duration(48*3600+i)*time.Second))
	}
	deriveAll(t, h.Store)
	h.Close()
	if err := h.db.Close(); err != nil {
		t.Fatal(err)
	}
	h = newHost(t, server.URL(), path)
	h.Connect(t.Context())
	server.Run()
	h.untilDelivered(t)
	if h.back.Load() != 1 || h.backlog.Load() != records {
		t.Errorf("told %d times that it is back, with %d records of %d", h.back.Load(), h.backlog.Load(), records)
	}
}

// A connection whose packets get lost is silent for as long as TCP waits before it sends again; a new one is not.
func TestAConnectionThatStaysSilentIsReplaced(t *testing.T) {
	server := redis.Start(t)
	path := newLine(t, fmt.Sprintf("127.0.0.1:%d", server.Port))
	h := newHost(t, "redis://"+path.Addr().String(), filepath.Join(t.TempDir(), "state.db"))
	h.connect(t)
	path.cut()
	if h.settle(t); !h.shared.away.Load() {
		t.Fatal("a line that is cut answers")
	}
	path.mend()      // for new connections
	const looks = 20 // a busy machine may miss some; the old connection would be silent for longer
	for range looks {
		if h.settle(t); !h.shared.away.Load() {
			return
		}
	}
	t.Errorf("after %d looks the store counts as away", looks)
}

// line forwards connections to a server, and may let go of what the ones that are open send.
type line struct {
	net.Listener
	lost atomic.Pointer[atomic.Bool] // of the connections that are open
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	way := &line{Listener: l}
	way.mend()
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			lost := way.lost.Load()
			go forward(in, out, lost)
			go forward(out, in, lost)
		}
	}()
	return way
}

func (l *line) cut()  { l.lost.Load().Store(true) }
func (l *line) mend() { l.lost.Store(new(atomic.Bool)) }

func forward(from, to net.Conn, lost *atomic.Bool) {
	piece := make([]byte, 4096)
	for {
		n, err := from.Read(piece)
		if !lost.Load() {
			_, _ = to.Write(piece[:n]) // the other side notices
			if err != nil {
				to.Close()
			}
		}
		if err != nil {
			return
		}
	}
}

// TestAStoreThatComesAndGoes: it is asked whenever it is there, and told of less and less.
func TestAStoreThatComesAndGoes(t *testing.T) {
	server := redis.Start(t)
	h := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	other := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	h.connect(t)
	const times = 5
	for i := range times {
		server.Kill()
		if h.settle(t); !h.shared.away.Load() {
			t.Fatal("a server that was killed answers")
		}
		server.Run()
		other.connect(t)
		add(t, other.Store, ago(time.Duration(48+i)*time.Hour))
		other.untilDelivered(t)
		for h.shared.away.Load() { // each a quarter of a second, however often the store went
			h.settle(t)
		}
		knows(t, i, i+1, func() (Counts, error) { return h.Count("x@a.example", now, Default()) })
	}
	if h.away.Load() >= times || h.back.Load() > h.away.Load() {
		t.Errorf("told %d times that it went, %d times that it came", h.away.Load(), h.back.Load())
	}
	if probeAgain+awayAfter+gather >= time.Second/2 {
		t.Error("a store that is away is looked for too rarely")
	}
}

// TestAStoreThatRefusesWritesIsToldOnce: one out of memory, and a replica, answer questions all the time.
func TestAStoreThatRefusesWritesIsToldOnce(t *testing.T) {
	server, primary := redis.Start(t), redis.Start(t)
	admin, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{fmt.Sprintf("127.0.0.1:%d", server.Port)}})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	order := func(words ...string) {
		if err := admin.Do(t.Context(), admin.B().Arbitrary(words...).Build()).Error(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ refuse, take []string }{
		{[]string{"config", "set", "maxmemory", "1"}, []string{"config", "set", "maxmemory", "0"}},
		{[]string{"replicaof", "127.0.0.1", fmt.Sprint(primary.Port)}, []string{"replicaof", "no", "one"}},
	} {
		h := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
		h.connect(t)
		order(c.refuse...)
		add(t, h.Store, ago(48*time.Hour))
		for range 2 {
			h.settle(t)
		}
		if h.away.Load() != 1 || h.back.Load() != 0 || h.Waiting() != 1 {
			t.Errorf("%v: told %d times that it went, %d times that it came; %d wait", c.refuse, h.away.Load(), h.back.Load(), h.Waiting())
		}
		if took := timed(func() { h.settle(t) }); took < probeAgain {
			t.Errorf("%v: it tries again after %v", c.refuse, took)
		}
		order(c.take...)
		h.untilDelivered(t)
		if h.away.Load() != 1 || h.back.Load() != 1 {
			t.Errorf("%v: told %d times that it went, %d times that it came", c.take, h.away.Load(), h.back.Load())
		}
	}
}

// TestAStoreThatLostItsNewest: a master without its last second comes back, or an empty one.
func TestAStoreThatLostItsNewest(t *testing.T) {
	server := redis.Start(t, "--appendonly", "no")
	h := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	h.connect(t)
	for i := range 300 {
		add(t, h.Store, ago(time.Duration(48*3600+i)*time.Second))
	}
	h.settle(t)
	server.Kill()
	server.Run() // empty
	add(t, h.Store, ago(48*time.Hour))
	h.untilDelivered(t)
	fresh := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	fresh.connect(t)
	if got, err := fresh.Count("x@a.example", now, Default()); err != nil || got.Messages != 301 {
		t.Errorf("the shared store has %d of 301 messages, %v", got.Messages, err)
	}
}

// TestACopyOfTheFilePutBackLosesNothing: the numbers in the queue of an older copy were given before.
func TestACopyOfTheFilePutBackLosesNothing(t *testing.T) {
	server := redis.Start(t)
	folder := t.TempDir()
	h := newHost(t, server.URL(), filepath.Join(folder, "state.db"))
	h.connect(t)
	add(t, h.Store, ago(48*time.Hour))
	if _, err := h.db.Copy(filepath.Join(folder, "copy.db")); err != nil {
		t.Fatal(err)
	}
	add(t, h.Store, ago(49*time.Hour))
	h.settle(t)
	back := newHost(t, server.URL(), filepath.Join(folder, "copy.db"))
	back.connect(t)
	add(t, back.Store, ago(50*time.Hour))
	back.settle(t)
	if got, err := back.Count("x@a.example", now, Default()); err != nil || got.Messages != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestTheSharedStoreAgreesWithAPlainSlice, for a thousand random histories and a busy one.
func TestTheSharedStoreAgreesWithAPlainSlice(t *testing.T) {
	server := redis.Start(t)
	rng := rand.New(rand.NewPCG(5, 6))
	writer := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	reader := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	writer.connect(t)
	reader.connect(t)
	histories := randomHistories(rng, 1000)
	addInTurn(t, writer.Store, histories)
	var busy model
	for range 3000 {
		r := randomRecord(rng)
		r.Outcome, r.Direction, r.Auth, r.From = Accepted, Inbound, AuthNone, "busy@a.example"
		busy = append(busy, r)
	}
	add(t, writer.Store, busy...)
	writer.untilDelivered(t)
	askAll(t, rng, reader.Store, histories)
	got, most := count(t, reader.Store, "busy@a.example", now, Default()), busy.counts(now, Default())
	w := Default()
	w.Before, w.Exclude = w.Before-time.Hour, w.Exclude+time.Hour
	least := busy.counts(now, w)
	if got.Messages > most.Messages || got.Messages < least.Messages || got.Recipients > most.Recipients {
		t.Errorf("busy: %+v is not between %+v and %+v", got, least, most)
	}
}

func TestAFloodMakesNoSharedHistoryCoarser(t *testing.T) {
	server := redis.Start(t)
	writer := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	reader := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	writer.connect(t)
	reader.connect(t)
	add(t, writer.Store, proven()...)
	add(t, writer.Store, flood()...)
	writer.untilDelivered(t)
	asksProven(t, reader.Store, proven())
	if n, err := strconv.Atoi(strings.TrimPrefix(server.Ask("HLEN", "{quishmilter}:address:x@a.example"), ":")); err != nil || n > 3*(maxExact+maxHours+maxDays) {
		t.Errorf("the history has %d fields, %v", n, err)
	}
}

func TestTheSpoolIsBounded(t *testing.T) {
	server := redis.Start(t)
	h := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	var dropped uint64
	h.shared.spool, h.shared.tell.Dropped = 100, func(n uint64) { dropped += n }
	for i := range 150 {
		add(t, h.Store, ago(time.Duration(48*3600+i)*time.Second))
	}
	deriveAll(t, h.Store)
	if h.Waiting() != 100 {
		t.Errorf("%d changes wait", h.Waiting())
	}
	h.connect(t)
	h.untilDelivered(t)
	fresh := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	fresh.connect(t)
	here, there := count(t, h.Store, "x@a.example", now, Default()), count(t, fresh.Store, "x@a.example", now, Default())
	if here.Messages != 150 || there.Messages != 100 || dropped != 50 {
		t.Errorf("%d messages here, %d there, %d dropped", here.Messages, there.Messages, dropped)
	}
}

// TestCatchUp is for commands without a daemon: a store that is away does not hold them up.
func TestCatchUp(t *testing.T) {
	server := redis.Start(t)
	h := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	h.connect(t)
	r := ago(48 * time.Hour)
	r.Domain = "a.example"
	add(t, h.Store, r)
	if err := h.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.untilDelivered(t) // a busy machine may miss the 50 ms
	if got, err := h.CountOf(Domain, "a.example", now, Default()); err != nil || got.Messages != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	server.Kill()
	h.Connect(t.Context())
	r.Time = r.Time.Add(-time.Hour)
	add(t, h.Store, r)
	if err := h.CatchUp(t.Context()); err != nil || h.Waiting() != 1 || !h.Away() {
		t.Errorf("%d changes wait, %v", h.Waiting(), err)
	}
}

func TestForgetReachesTheSharedStore(t *testing.T) {
	server := redis.Start(t)
	h := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	h.connect(t)
	r := ago(48 * time.Hour)
	r.Spelling, r.To = "X@a.example", []string{"r@b.example"}
	out := Record{Time: now.Add(-48 * time.Hour), From: "r@b.example", Direction: Outbound, To: []string{r.From}, Recipients: 1}
	add(t, h.Store, r, out)
	h.settle(t)
	elsewhere := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db")) // what this host does not have
	elsewhere.connect(t)
	add(t, elsewhere.Store, Record{Time: now.Add(-48 * time.Hour), From: r.From, To: []string{"other@b.example"}, Recipients: 1})
	elsewhere.settle(t)
	if n, err := h.Forget(t.Context(), "Name <"+r.From+">"); err != nil || n != (Forgotten{Histories: 5, Here: 4, Sharing: true, Shared: 5}) { // address, spelling, correspondent, and two pairs of which one is not in this host's file
		t.Fatalf("%+v were removed, %v", n, err)
	}
	h.settle(t)
	fresh := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	fresh.connect(t)
	for kind, key := range map[Kind]string{Address: r.From, Exact: r.Spelling, Pair: PairKey(r.From, "r@b.example"), Correspondent: r.From} {
		if got, err := fresh.CountOf(kind, key, now, Rule()); err != nil || got.Messages != 0 {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
	}
	server.Kill()
	if _, err := h.Forget(t.Context(), r.From); err == nil {
		t.Error("an address was forgotten by a store that is away")
	}
}

// What other hosts' files have of a forgotten address goes when they next ask, on hosts that run and on one that was off;
// what waits there for the shared store does not bring it back.
func TestForgetReachesOtherHosts(t *testing.T) {
	for _, secret := range [][]byte{nil, []byte("a secret of the site")} {
		server := redis.Start(t)
		paths := []string{filepath.Join(t.TempDir(), "state.db"), filepath.Join(t.TempDir(), "state.db"), filepath.Join(t.TempDir(), "state.db")}
		open := func(n int) *host { return newHostWith(t, server.URL(), paths[n], secret) }
		teller, runs, off := open(0), open(1), open(2)
		gone, stays := ago(48*time.Hour), ago(48*time.Hour)
		gone.Spelling, gone.To, stays.From = "X@a.example", []string{"r@b.example"}, "stays@a.example"
		for n, h := range []*host{teller, runs, off} {
			h.connect(t)
			gone.Time = now.Add(-time.Duration(48+n) * time.Hour)
			add(t, h.Store, gone, stays)
			h.untilDelivered(t)
		}
		knows(t, 1, 3, func() (Counts, error) { return runs.Count(gone.From, now, Default()) }) // more than it has seen itself
		runs.settle(t)
		gone.Time = now.Add(-52 * time.Hour)
		add(t, runs.Store, gone) // waits there
		add(t, off.Store, gone)
		off.Close()
		if err := off.db.Close(); err != nil {
			t.Fatal(err)
		}
		if n, err := teller.Forget(t.Context(), gone.From); err != nil || n != (Forgotten{Histories: 3, Here: 3, Sharing: true, Shared: 3}) {
			t.Fatalf("%+v, %v", n, err)
		}
		gone.Time = now.Add(-53 * time.Hour)
		add(t, teller.Store, gone) // new, after it was forgotten
		off = open(2)
		for _, h := range []*host{runs, off, teller} {
			h.connect(t)
			h.untilDelivered(t)
		}
		for n, h := range []*host{teller, runs, off} {
			knows(t, n, 1, func() (Counts, error) { return h.Count(gone.From, now, Rule()) })
		}
		server.Kill()
		for n, h := range []*host{runs, off} {
			for kind, key := range map[Kind]string{Address: gone.From, Exact: gone.Spelling, Pair: PairKey(gone.From, "r@b.example")} {
				if got, err := h.CountOf(kind, key, now, Rule()); err != nil || got.Messages > 1 || kind == Pair && got.Messages > 0 { // the new one was lent by the shared store
					t.Errorf("host %d, %s: %+v, %v", n, kind, got, err)
				}
			}
			if got, err := h.Count(stays.From, now, Rule()); err != nil || got.Messages == 0 {
				t.Errorf("host %d forgot another address: %+v, %v", n, got, err)
			}
		}
	}
}

// account is a user with no more rights than the address of a shared store asks for.
var account = []string{"--user", "default", "off", "--user", "quish", "on", ">secret", "~{quishmilter}:*", "+@read", "+@write", "+@scripting", "+@connection"}

// What was shared before there was a secret is there under plain names.
func TestForgetReachesPlainNamesOfTheSharedStore(t *testing.T) {
	server := redis.Start(t)
	path := filepath.Join(t.TempDir(), "state.db")
	h := newHost(t, server.URL(), path)
	h.connect(t)
	r := ago(48 * time.Hour)
	r.To = []string{"r@b.example"}
	add(t, h.Store, r)
	h.settle(t)
	hidden, err := Open(t.Context(), h.db, Options{Secret: []byte("a secret of the site"), Shared: &Sharing{URL: server.URL()}, Failed: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	defer hidden.Close()
	hidden.Connect(t.Context())
	if n, err := hidden.Forget(t.Context(), r.From); err != nil || n.Histories != 4 { // of address and pair, here under hashed and there under plain names
		t.Errorf("%+v were removed, %v", n, err)
	}
	fresh := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	fresh.connect(t)
	for kind, key := range map[Kind]string{Address: r.From, Pair: PairKey(r.From, "r@b.example")} {
		if got, err := fresh.CountOf(kind, key, now, Rule()); err != nil || got.Messages != 0 {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
	}
}

func TestAccountsAndPasswords(t *testing.T) {
	server := redis.Start(t, account...)
	h := newHost(t, strings.Replace(server.URL(), "redis://", "redis://quish:secret@", 1), filepath.Join(t.TempDir(), "state.db"))
	h.connect(t)
	add(t, h.Store, ago(48*time.Hour))
	h.settle(t)
	if h.Waiting() != 0 {
		t.Error("nothing was delivered")
	}
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Ping(t.Context(), strings.Replace(server.URL(), "redis://", "redis://quish@", 1)+"?password_file="+file); err != nil {
		t.Error(err)
	}
	if err := Ping(t.Context(), strings.Replace(server.URL(), "redis://", "redis://quish:wrong@", 1)); err == nil {
		t.Error("a wrong password is as good as the right one")
	}
	wrong := newHost(t, strings.Replace(server.URL(), "redis://", "redis://quish:wrong@", 1), filepath.Join(t.TempDir(), "state.db"))
	wrong.Connect(t.Context())
	if wrong.away.Load() != 1 {
		t.Error("a wrong password is not told")
	}
}

func TestAddressesOfSharedStores(t *testing.T) {
	for text, want := range map[string]string{
		"redis://h":                           "[h:6379] 0 tls=false sentinel=",
		"redis://u:p%40@h:1,[::1]:2/0":        "[h:1 [::1]:2] 0 tls=false sentinel=",
		"redis://h:1/3":                       "[h:1] 3 tls=false sentinel=",
		"redis+sentinel://a,b/3":              "[a:26379 b:26379] 3 tls=false sentinel=mymaster",
		"rediss://h/0?name=x":                 "[h:6379] 0 tls=true sentinel=",
		"redis+sentinel://a,b:5/?master=m":    "[a:26379 b:5] 0 tls=false sentinel=m",
		"rediss+sentinel://u:p@a?prefix=mine": "[a:26379] 0 tls=true sentinel=mymaster",
	} {
		o, _, err := parseURL(text)
		got := fmt.Sprintf("%v %d tls=%v sentinel=%s", o.InitAddress, o.SelectDB, o.TLSConfig != nil, o.Sentinel.MasterSet)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "h:6379", "http://h", "redis://", "redis://u:hush@h/x", "redis://u:hush@h?colour=red", "redis://u:hush@h?prefix={}",
		"rediss://u:hush@h?ca=/nowhere", "redis://u:hu sh@h\x7f", "redis://u:hush%zz@h"} {
		err := CheckURL(text)
		if err == nil || strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "hu sh") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Open(t.Context(), openState(t), Options{Shared: &Sharing{URL: "nonsense"}}); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func openState(t *testing.T) *state.DB {
	_, db := newStore(t)
	return db
}
