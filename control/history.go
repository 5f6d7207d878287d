package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"quishmilter/prevalence"
)

// maxQuestions bounds one request; a message with many codes asks some two hundred.
const maxQuestions = 1000

// History is how far back the daemon's history reaches, and where it is kept.
type History struct {
	Since         time.Time `json:"since,omitzero"`          // the first message ever; zero before it
	LearningUntil time.Time `json:"learning_until,omitzero"` // zero when history is as long as the window; before the first message, as if it came now
	Store         string    `json:"store"`                   // "local" or "shared"
	Away          bool      `json:"away,omitempty"`          // the shared store does not answer
	Waiting       uint64    `json:"waiting,omitempty"`       // changes that it does not have yet
}

// inquiry asks several questions at once.
type inquiry struct {
	Now       time.Time             `json:"now"`
	Questions []prevalence.Question `json:"questions"`
}

// counted are the answers, in the order of the questions.
type counted struct {
	Counts []prevalence.Counts `json:"counts"`
}

func (s *Server) counts(r *http.Request) (any, error) {
	var q inquiry
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		return nil, badRequest{fmt.Errorf("the questions cannot be read: %w", err)}
	}
	if q.Now.IsZero() || len(q.Questions) > maxQuestions {
		return nil, badRequest{fmt.Errorf("now must be given, and at most %d questions", maxQuestions)}
	}
	answers, err := s.source.Counts(q.Now, q.Questions...)
	return counted{answers}, err
}

func (s *Server) history(r *http.Request) (any, error) { return s.source.History(r.Context()) }

// Counts asks what windows hold of histories.
func (c *Client) Counts(now time.Time, questions ...prevalence.Question) ([]prevalence.Counts, error) {
	body, err := json.Marshal(inquiry{now, questions})
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	var answer counted
	if err := c.call(context.Background(), http.MethodPost, "/v1/counts", bytes.NewReader(body), &answer); err != nil {
		return nil, err
	}
	if len(answer.Counts) != len(questions) {
		return nil, errors.New("control: the daemon did not answer every question; is it of another version?")
	}
	return answer.Counts, nil
}

// History asks how far back the daemon's history reaches.
func (c *Client) History(ctx context.Context) (History, error) {
	var answer History
	return answer, c.call(ctx, http.MethodGet, "/v1/history", nil, &answer)
}

// Since is when the daemon's history begins.
func (c *Client) Since() (time.Time, error) {
	h, err := c.History(context.Background())
	return h.Since, err
}
