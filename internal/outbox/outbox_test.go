package outbox

import (
	"fmt"
	"sync"
	"testing"

	"waypost/internal/fault"
	"waypost/internal/mail"
	"waypost/internal/sms"
)

func TestTheNewestIsFirstAndTheOldestGoes(t *testing.T) {
	var o Outbox
	for i := range 250 {
		if err := o.Mail().Send(t.Context(), mail.Message{To: "mara@EXAMPLE.org", Subject: fmt.Sprint(i), Text: "t", Kind: mail.Code}); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.SMS().Send(t.Context(), sms.Message{To: "+41790000000", Text: "482913", Kind: sms.Code}); err != nil {
		t.Fatal(err)
	}
	all := o.Messages()
	if len(all) != 200 || all[0].SMS == nil || all[0].SMS.Text != "482913" || all[0].Mail != nil {
		t.Fatalf("%d messages, first %+v", len(all), all[0])
	}
	if all[1].Mail.Subject != "249" || all[199].Mail.Subject != "51" || all[1].Mail.To != "mara@example.org" {
		t.Errorf("second %+v, last %+v", all[1].Mail, all[199].Mail)
	}
}

func TestWhatNobodyCouldSendIsRefused(t *testing.T) {
	var o Outbox
	if err := o.Mail().Send(t.Context(), mail.Message{To: "mara", Subject: "s", Text: "t", Kind: mail.Code}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a bad address: %v", err)
	}
	if err := o.SMS().Send(t.Context(), sms.Message{To: "079", Text: "t", Kind: sms.Code}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a bad number: %v", err)
	}
	if n := len(o.Messages()); n != 0 {
		t.Errorf("%d messages are kept", n)
	}
}

func TestManyMaySendAtOnce(t *testing.T) {
	var o Outbox
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			for range 20 {
				_ = o.SMS().Send(t.Context(), sms.Message{To: "+41790000000", Text: "t", Kind: sms.Alert})
				o.Messages()
			}
		})
	}
	wait.Wait()
	if n := len(o.Messages()); n != 200 {
		t.Errorf("%d messages, want 200", n)
	}
}
