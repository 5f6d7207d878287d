package main

import (
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"quishmilter/test/daemon"
	"quishmilter/test/postfix"
)

// printTable shows one line per sample.
func printTable(out io.Writer, outcomes []Outcome) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SAMPLE\tSMTP REPLY\tENDED\tVERDICT\tREASONS\tSENDER\tms")
	for _, o := range outcomes {
		fmt.Fprintf(w, "%s\t%d %s\t%s\t%s\t%s\t%s\t%.1f\n", o.Sample.Name, o.Reply.Code, shortReply(o.Reply),
			o.place(), o.first("X-Quish-Verdict"), o.first("X-Quish-Reason"), o.sender(), float64(o.Reply.Took.Microseconds())/1000)
	}
	_ = w.Flush()
}

// shortReply leaves the status code out: "queued as 4b…" says enough.
func shortReply(reply postfix.Reply) string {
	if reply.QueueID != "" {
		return reply.QueueID
	}
	return reply.Text
}

// place says where the message is; a tagged one is delivered like any other, the words make it stand out.
func (o Outcome) place() string {
	if o.Place == "delivered" && o.first("X-Quish-Verdict") == "tagged" {
		return "delivered, tagged"
	}
	return o.Place
}

// sender tells whether the sender counts as known.
func (o Outcome) sender() string {
	switch value := o.first("X-Quish-Sender"); {
	case strings.Contains(value, "prevalent=yes"):
		return "known"
	case strings.Contains(value, "prevalent=no"):
		return "new"
	}
	return "–"
}

// report says which outcomes are wrong.
func report(out io.Writer, outcomes []Outcome) error {
	wrong := 0
	for _, o := range outcomes {
		if problem := o.problem(); problem != "" {
			fmt.Fprintf(out, "WRONG: %s: %s\n", o.Sample.Name, problem)
			wrong++
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d samples did not end as they should", wrong, len(outcomes))
	}
	fmt.Fprintf(out, "\nAll %d samples ended where they should.\n", len(outcomes))
	return nil
}

// invite says how to go on by hand.
func invite(out io.Writer, program string, mta *postfix.Instance, filter *daemon.Daemon) {
	if absolute, err := filepath.Abs(program); err == nil {
		program = absolute
	}
	send := fmt.Sprintf("curl --mail-from you@example.net --mail-rcpt me@example.org -T message.eml smtp://%s", mta.Addr)
	if _, err := exec.LookPath("swaks"); err == nil {
		send = fmt.Sprintf("swaks --server %s --from you@example.net --to me@example.org --attach @picture.png", mta.Addr)
	}
	fmt.Fprintf(out, `
Try it, from another terminal (as root where Postfix's commands are used):
  send a mail            %s
  only scan a file       %s scan picture.png
  what a sender is       %s sender -c %s newsletter@example.com
  what to look at        %s alerts list -c %s
  all about one          %s alerts show -c %s ID
  what is on hold        %s quarantine list -c %s
  a held message         %s quarantine show -c %s ID
  release it             %s quarantine release -c %s ID
Delivered mail           %s/new
Postfix's log            %s
quishmilter's log        %s
Press Ctrl-C to stop; nothing is left behind.
`, send, program, program, filter.ConfigFile(), program, filter.ConfigFile(), program, filter.ConfigFile(), program, filter.ConfigFile(), program, filter.ConfigFile(), program, filter.ConfigFile(),
		mta.Maildir(), mta.LogFile(), filter.LogFile())
}
