package account_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/dbtest"
)

// BenchmarkUnknown tries an address that has an account and one that has none
// in turns. ms-known is the median with the account, x-known how much longer
// the median without one is: somebody who measures must learn nothing.
func BenchmarkUnknown(b *testing.B) {
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		for _, try := range []struct {
			name, answer string
			do           func(m *account.Members, c account.Contact) error
		}{
			{"password", "sign_in", func(m *account.Members, c account.Contact) error {
				_, err := m.SignIn(b.Context(), c, "not the password", cafe)
				return err
			}},
			{"code", "", func(m *account.Members, c account.Contact) error {
				_, err := m.SendCode(b.Context(), c, cafe)
				return err
			}},
			{"reset", "", func(m *account.Members, c account.Contact) error {
				_, err := m.Reset(b.Context(), c, cafe)
				return err
			}},
		} {
			b.Run(database.name+"/"+try.name, func(b *testing.B) {
				w := newWorld(b, account.Options{}, "eu", dbtest.Open(b, database.url(b)))
				w.SetRealCost()
				w.join(application(), home)
				whom := []account.Contact{mia, {Kind: account.Mail, Value: "noah@mail.example"}}
				var spent [2][]time.Duration
				for n := 0; b.Loop(); n++ {
					w.clock.pass(25 * hour)                                                                                  // no limit remembers the last time
					must(w.SendCode(b.Context(), account.Contact{Kind: account.Mail, Value: "first@mail.example"}, home))(b) // makes the day's key
					for i := range whom {
						i = (i + n) % len(whom) // neither is always the first
						begun := time.Now()
						if err := try.do(w.Members, whom[i]); code(err) != try.answer {
							b.Fatal(fmt.Errorf("%s: %w", whom[i].Value, err))
						}
						spent[i] = append(spent[i], time.Since(begun))
					}
				}
				known, unknown := median(spent[0]), median(spent[1])
				b.ReportMetric(known.Seconds()*1000, "ms-known")
				b.ReportMetric(unknown.Seconds()/known.Seconds(), "x-known")
			})
		}
	}
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
