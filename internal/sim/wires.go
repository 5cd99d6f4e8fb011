package sim

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// wires are all simulated sources.
func wires() []wire {
	return []wire{
		ups(),
		fedex(),
		usps(),
		dhlUnified(),
		canadaPost(),
		australiaPost(),
		royalMail(),
		inpost(),
		novaPoshta(),
		sfExpress(),
		laPoste(),
		gls(),
		postNord(),
		aramex(),
		correios(),
		generic(),
	}
}

// retryAfter sets the header of that name, in whole seconds, at least one.
func (c *call) retryAfter(after time.Duration) {
	seconds := max(1, int(math.Ceil(after.Seconds())))
	c.Header().Set("Retry-After", strconv.Itoa(seconds))
}

// list splits what a request names, separated by commas.
func list(text string) []string {
	var all []string
	for _, one := range strings.Split(text, ",") {
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, one)
		}
	}
	return all
}

// speaks reports whether the language tag begins with lang: "de-CH" speaks de.
func speaks(tag, lang string) bool { return strings.HasPrefix(strings.ToLower(tag), lang) }

// clientCredentials reports whether a form asks for the grant of that name
// with the right id and secret in it.
func (c *call) clientCredentials(id, secret string) bool {
	return c.r.PostFormValue("grant_type") == "client_credentials" &&
		c.r.PostFormValue("client_id") == id && c.r.PostFormValue("client_secret") == secret
}

// queryInt is what a query's number says, otherwise if it says none.
func queryInt(text string, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return otherwise
	}
	return n
}
