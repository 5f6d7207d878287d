package prevalence

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/redis/rueidis"
)

//go:embed board.lua
var boardScript string

// Limits of a board.
const (
	maxBoard  = 50_000           // values that are read
	boardRun  = 500              // values that one script writes, some milliseconds of the store's time
	boardTime = 10 * time.Second // for one exchange
)

// Board is a small set of named values that all hosts of a shared store see. The first 24 characters of a value are its
// stamp, lower-case hexadecimal: a value with a later one takes the place of an earlier one. It has a connection of its
// own, so that no message waits behind a long answer.
type Board struct {
	remote *remote
	name   string
	script *rueidis.Lua
}

// Board is the one of that name; nil where nothing is shared. The caller closes it.
func (s *Store) Board(name string) *Board {
	if s.shared == nil {
		return nil
	}
	r := s.shared.remote
	return &Board{&remote{option: r.option, prefix: r.prefix}, name, rueidis.NewLuaScript(boardScript)}
}

// Close ends the connection.
func (b *Board) Close() { b.remote.close() }

func (b *Board) keys() []string {
	return []string{b.remote.prefix + "board:" + b.name, b.remote.prefix + "board-version:" + b.name}
}

// Version is another one after each change; "" when the store has none.
func (b *Board) Version(ctx context.Context) (string, error) {
	client, err := b.remote.connect()
	if err != nil {
		return "", fmt.Errorf("prevalence: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, boardTime)
	defer cancel()
	version, err := client.Do(ctx, client.B().Get().Key(b.keys()[1]).Build()).ToString()
	if rueidis.IsRedisNil(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("prevalence: %w", err)
	}
	return version, nil
}

var errBoardFull = errors.New("the shared store holds more than can be read")

// All are the values by name.
func (b *Board) All(ctx context.Context) (map[string]string, error) {
	client, err := b.remote.connect()
	if err != nil {
		return nil, fmt.Errorf("prevalence: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, boardTime)
	defer cancel()
	key := b.keys()[0]
	n, err := client.Do(ctx, client.B().Hlen().Key(key).Build()).AsInt64()
	if err == nil && n > maxBoard {
		err = fmt.Errorf("%s: %w (%d, of %d)", key, errBoardFull, n, maxBoard)
	}
	if err != nil {
		return nil, fmt.Errorf("prevalence: %w", err)
	}
	all, err := client.Do(ctx, client.B().Hgetall().Key(key).Build()).AsStrMap()
	if err != nil {
		return nil, fmt.Errorf("prevalence: %w", err)
	}
	return all, nil
}

// Put writes pairs of name and value, each unless the store has the same or a later one.
func (b *Board) Put(ctx context.Context, pairs []string) error { return b.run(ctx, "put", pairs) }

// Drop removes pairs of name and value that the store still has like this.
func (b *Board) Drop(ctx context.Context, pairs []string) error { return b.run(ctx, "drop", pairs) }

func (b *Board) run(ctx context.Context, what string, pairs []string) error {
	client, err := b.remote.connect()
	if err != nil {
		return fmt.Errorf("prevalence: %w", err)
	}
	for len(pairs) > 0 {
		n := min(len(pairs), 2*boardRun)
		ctx, cancel := context.WithTimeout(ctx, boardTime)
		err := b.script.Exec(ctx, client, b.keys(), append([]string{what}, pairs[:n]...)).Error()
		cancel()
		if err != nil {
			return fmt.Errorf("prevalence: %w", err)
		}
		pairs = pairs[n:]
	}
	return nil
}
