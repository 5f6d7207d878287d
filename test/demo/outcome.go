package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"quishmilter/test/postfix"
)

// Outcome is what became of a sample.
type Outcome struct {
	Sample  Sample
	Reply   postfix.Reply
	Place   string // "delivered", "held" or "refused"
	Message postfix.Delivered
}

// deliver sends a sample and waits until Postfix has delivered or held it.
func deliver(ctx context.Context, mta *postfix.Instance, sample Sample) (Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, sampleTime)
	defer cancel()
	o := Outcome{Sample: sample, Place: "refused"}
	var err error
	if o.Reply, err = send(mta, sample); err != nil || o.Reply.QueueID == "" {
		return o, err
	}
	held, err := mta.Held()
	if err != nil {
		return o, err
	}
	for _, entry := range held {
		if entry.QueueID == o.Reply.QueueID {
			o.Place = "held"
			o.Message.Message, err = mta.Cat(entry.QueueID)
			return o, err
		}
	}
	if _, err := mta.WaitLog(ctx, o.Reply.QueueID+": removed"); err != nil {
		return o, err
	}
	o.Place = "delivered"
	o.Message, err = find(mta, sample)
	return o, err
}

func send(mta *postfix.Instance, sample Sample) (postfix.Reply, error) {
	client, err := postfix.Dial(mta.Addr)
	if err != nil {
		return postfix.Reply{}, err
	}
	defer func() { _ = client.Quit() }()
	return client.Send(postfix.Mail{
		Client: sample.Client, ClientName: "mail.sender.example", HELO: "mail.sender.example",
		From: sample.Letter.From, Rcpts: []string{sample.Letter.To}, Data: sample.Letter.Bytes(),
	})
}

// find looks for the sample among the delivered messages.
func find(mta *postfix.Instance, sample Sample) (postfix.Delivered, error) {
	delivered, err := mta.Delivered()
	if err != nil {
		return postfix.Delivered{}, err
	}
	for _, d := range delivered {
		if bytes.Contains(d.Message, []byte(sample.Letter.ID)) {
			return d, nil
		}
	}
	return postfix.Delivered{}, fmt.Errorf("the log says that it was delivered, but it is not in %s", mta.Maildir())
}

// first is the first value of a field, "–" without one.
func (o Outcome) first(name string) string {
	if values := o.Message.Field(name); len(values) > 0 {
		return values[0]
	}
	return "–"
}

// problem says what is not as it should be, "" if all is well.
func (o Outcome) problem() string {
	want := o.Sample
	codes := strings.Join(o.Message.Field("X-Quish-Code"), "\n")
	switch {
	case o.Place != want.Place:
		return fmt.Sprintf("was %s, should be %s", o.Place, want.Place)
	case o.first("X-Quish-Verdict") != want.Says:
		return fmt.Sprintf("X-Quish-Verdict is %s, should be %s", o.first("X-Quish-Verdict"), want.Says)
	case !strings.Contains(codes, want.Code):
		return fmt.Sprintf("X-Quish-Code is %q, should mention %s", codes, want.Code)
	case want.Code == "" && codes != "":
		return fmt.Sprintf("X-Quish-Code is %q, but there is no code", codes)
	}
	return ""
}
