package state

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// BenchmarkCommitBesideFreePages: what a commit takes, and an opening after a kill, while 700 MB of a file of 1.4 GB are
// free, every other page of it, as after an expiry; with bbolt's ways to keep the list of free pages. Ours is "map".
func BenchmarkCommitBesideFreePages(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state.db")
	halfFree(b, path)
	for name, o := range map[string]bbolt.Options{
		"map":          {FreelistType: bbolt.FreelistMapType},
		"array":        {FreelistType: bbolt.FreelistArrayType},
		"map-nosync":   {FreelistType: bbolt.FreelistMapType, NoFreelistSync: true},
		"array-nosync": {FreelistType: bbolt.FreelistArrayType, NoFreelistSync: true},
	} {
		b.Run(name, func(b *testing.B) {
			o.InitialMmapSize = mapped
			first := openBolt(b, path, &o)
			commitOne(b, first, 0)
			if err := first.Close(); err != nil { // it writes nothing, so that this is as after a kill
				b.Fatal(err)
			}
			db := openBolt(b, path, &o)
			defer db.Close()
			var took []time.Duration
			for n := 0; b.Loop(); n++ {
				begin := time.Now()
				commitOne(b, db, n)
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
			b.ReportMetric(float64(db.Stats().FreeAlloc>>20), "MB-free")
		})
	}
}

func openBolt(b *testing.B, path string, o *bbolt.Options) *bbolt.DB {
	begin := time.Now()
	db, err := bbolt.Open(path, 0o600, o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(begin).Milliseconds()), "ms-open")
	return db
}

func commitOne(b *testing.B, db *bbolt.DB, n int) {
	err := db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("b")).Put(freeKey(2*(n*7919%halves)), make([]byte, 3000))
	})
	if err != nil {
		b.Fatal(err)
	}
}

// halves is how many pages of the file stay, and how many are free.
const halves = 180_000

func freeKey(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func halfFree(b *testing.B, path string) {
	db := openBolt(b, path, &bbolt.Options{NoSync: true, NoFreelistSync: true})
	defer db.Close()
	for step := range 2 {
		for n := 0; n < 2*halves; {
			err := db.Update(func(tx *bbolt.Tx) error {
				bucket, err := tx.CreateBucketIfNotExists([]byte("b"))
				if err != nil {
					return err
				}
				bucket.FillPercent = 0.95
				for end := n + 20_000; n < end && err == nil; n++ {
					if step == 0 {
						err = bucket.Put(freeKey(n), make([]byte, 3000))
					} else if n%2 == 1 {
						err = bucket.Delete(freeKey(n))
					}
				}
				return err
			})
			if err != nil {
				b.Fatal(fmt.Errorf("filling: %w", err))
			}
		}
	}
}
