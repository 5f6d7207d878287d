package prevalence

import "context"

// Shared says whether histories are shared with other hosts.
func (s *Store) Shared() bool { return s.shared != nil }

// Away says that histories are shared and the shared store does not answer just now.
func (s *Store) Away() bool { return s.shared != nil && s.shared.away.Load() }

// CatchUp derives and delivers what waits, for a program that does not Work. What a store that is away does not take
// stays in the file.
func (s *Store) CatchUp(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = s.Derive(ctx, slice); err != nil {
			return err
		}
	}
	if s.shared == nil || s.shared.away.Load() {
		return nil
	}
	return s.shared.step(ctx)
}
