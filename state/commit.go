package state

import "fmt"

// Group commit, in plain words. One goroutine owns the writing side. It takes whatever is queued, at once: a
// lonely change starts the moment it arrives, and changes that arrive while the disk is busy form the next batch.
// bbolt.Batch waits 10 ms for company instead, which every message on a quiet host would pay.
//
// bbolt has no savepoints. So when a function fails that has already written, the whole transaction is rolled
// back and the others run again without it. After a few such failures the rest of the batch commits one by one:
// slow, but of bounded cost, and correct.

const (
	maxBatch     = 256 // changes in one commit; 1,000 take 30–60 ms, which the first would wait for
	maxRollbacks = 4   // in one batch, before its changes go one by one
)

func (db *DB) commitLoop() {
	defer close(db.done)
	for range db.wake {
		for batch := db.take(); len(batch) > 0; batch = db.take() {
			db.commit(batch)
		}
		if db.drained() {
			return
		}
	}
}

// take removes the next batch from the queue, leaving out those whose callers gave up.
func (db *DB) take() []*change {
	db.mu.Lock()
	n := min(len(db.queue), maxBatch)
	head := db.queue[:n:n]
	db.queue = db.queue[n:]
	if len(db.queue) == 0 {
		db.queue = nil
	}
	db.mu.Unlock()
	batch := make([]*change, 0, len(head))
	for _, c := range head {
		if c.taken.CompareAndSwap(false, true) {
			batch = append(batch, c)
		}
	}
	if len(batch) == 0 && n > 0 {
		return db.take()
	}
	return batch
}

func (db *DB) drained() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.closed && len(db.queue) == 0
}

// commit answers every change of the batch.
func (db *DB) commit(batch []*change) {
	for try := 0; len(batch) > 0; try++ {
		if try == maxRollbacks {
			for _, c := range batch {
				db.try([]*change{c})
			}
			return
		}
		batch = db.try(batch)
	}
}

// try runs the changes in one transaction. It answers those that it can and returns the others, which must run
// again because one that failed had written. A change that is alone is always answered.
func (db *DB) try(batch []*change) (again []*change) {
	bolt, err := db.bolt.Begin(true)
	if err != nil {
		answerAll(batch, fmt.Errorf("state: cannot write to %s: %w", db.path, err))
		return nil
	}
	tx := &Tx{bolt: bolt}
	good := make([]*change, 0, len(batch))
	for i, c := range batch {
		before := tx.wrote
		tx.wrote = false
		err := guard(func() error { return c.fn(tx) })
		if err == nil {
			tx.wrote = tx.wrote || before
			good = append(good, c)
			continue
		}
		c.answer(err)
		if tx.wrote {
			rollback(bolt)
			return append(good, batch[i+1:]...)
		}
		tx.wrote = before
	}
	db.finish(tx, good)
	return nil
}

// finish makes the transaction durable and answers its changes. Whatever goes wrong here (a full disk, an I/O
// error) goes to all of them, and the file stays as it was.
func (db *DB) finish(tx *Tx, good []*change) {
	for _, c := range good {
		close(c.ran)
	}
	if !tx.wrote {
		rollback(tx.bolt)
		answerAll(good, nil)
		return
	}
	db.chooseFreelist()
	err := guard(tx.bolt.Commit)
	db.stats.count(len(good), err)
	if err != nil {
		rollback(tx.bolt)
		err = fmt.Errorf("state: cannot commit to %s: %w", db.path, err)
	}
	answerAll(good, err)
}

func answerAll(batch []*change, err error) {
	for _, c := range batch {
		c.answer(err)
	}
}

func (c *change) answer(err error) { c.done <- err }
