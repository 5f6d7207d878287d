package milter

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	gomilter "github.com/emersion/go-milter"

	"quishmilter/inspect"
)

var (
	errHungUp = errors.New("the MTA closed the connection before the answer")
	errPanic  = errors.New("panic while the message was handled")
)

// decide asks for the answer to the message that has just ended, and writes it.
func (s *session) decide(m *gomilter.Modifier) gomilter.Response {
	msg := &inspect.Message{
		Envelope: s.envelope(s.message, s.srv.now()),
		Header:   s.message.header,
		Body:     s.message.body.bytes(),
		Cut:      s.message.cut || s.message.body.cut,
	}
	if s.message.body.mapped != nil {
		msg.Forget = s.message.body.forget
	}
	answer, err := s.ask(msg)
	if err == nil && len(answer.Delete) > maxDelete {
		err = errOwnFields
	}
	if err != nil {
		s.srv.log().Error("message was not handled", "queue_id", msg.Envelope.QueueID, "error", err)
		answer = s.fail(msg, err)
	}
	return s.carryOut(answer, m)
}

// ask has Handle decide, if the message came whole.
func (s *session) ask(msg *inspect.Message) (Answer, error) {
	if s.message.own > maxDelete {
		return Answer{}, errOwnFields
	}
	if err := s.message.body.err; err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	stop := s.wire.attend(s.limits.ProgressEvery, func(error) { cancel(errHungUp) })
	defer stop()
	return s.handle(ctx, msg)
}

func (s *session) handle(ctx context.Context, msg *inspect.Message) (answer Answer, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %v", errPanic, v)
			s.srv.log().Error("panic", "queue_id", msg.Envelope.QueueID, "value", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	return s.srv.Handle(ctx, msg), nil
}

// tooManyOwn is the answer to a message whose forged fields cannot all be deleted. Failure has no say in it: whatever
// it let pass would carry fields in our name that we did not write.
var tooManyOwn = Answer{Action: TempFail, Reply: "quishmilter: too many header fields named " + OwnPrefix}

// fail is the answer to a message that could not be handled.
func (s *session) fail(msg *inspect.Message, cause error) (answer Answer) {
	if errors.Is(cause, errOwnFields) {
		return tooManyOwn
	}
	defer func() {
		if v := recover(); v != nil {
			s.srv.log().Error("panic", "queue_id", msg.Envelope.QueueID, "value", fmt.Sprint(v), "stack", string(debug.Stack()))
			answer = Answer{Action: TempFail}
		}
	}()
	if s.srv.Failure == nil {
		return Answer{Action: TempFail}
	}
	return s.srv.Failure(msg, cause)
}
