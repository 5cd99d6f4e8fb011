package engine

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"

	"waypost/internal/carrier"
	"waypost/internal/outbound"
)

// digestBytes is enough to tell one parcel's answers apart, and too little to
// tell anything else.
const digestBytes = 12

// digestOf tells an answer to these asks from any other. Most polls bring the
// answer that the one before brought; such a one need not be read.
func digestOf(answer outbound.Answer, asks []carrier.Ask) string {
	h := sha256.New()
	fmt.Fprintln(h, answer.Status)
	for _, a := range asks {
		fmt.Fprintf(h, "%q\n", a.Number)
		for _, need := range slices.Sorted(maps.Keys(a.Params)) {
			fmt.Fprintf(h, "%q %q\n", need, a.Params[need])
		}
	}
	h.Write(answer.Body)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:digestBytes])
}

// same are the reports of an answer that all who ask have seen.
func same(digest string, asks []carrier.Ask) ([]carrier.Report, bool) {
	reports := make([]carrier.Report, len(asks))
	for i, a := range asks {
		if a.Seen != digest {
			return nil, false
		}
		reports[i] = carrier.Report{Number: a.Number, Digest: digest, Same: true}
	}
	return reports, true
}
