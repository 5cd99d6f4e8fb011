package sim_test

import (
	"crypto/md5" // SF's signature is made with it
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"waypost/internal/sim"
)

// numbers are well-formed at their sources; none is anybody's.
var numbers = map[string]string{
	"ups":            "1Z4A7B2C0364182055",
	"fedex":          "382174650910",
	"usps":           "9405510898765432101231",
	"dhl-unified":    "4829103753",
	"canada-post":    "2014567389123456",
	"australia-post": "ABC1234567",
	"royal-mail":     "RR409172635GB",
	"inpost":         "620000000000000000000001",
	"nova-poshta":    "59000000000001",
	"sf-express":     "SF1234567890123",
	"la-poste-suivi": "6A12345678901",
	"gls":            "12345678901",
	"postnord":       "12345678901SE",
	"aramex":         "1234567890",
	"correios":       "PN123456785BR",
	"generic":        "WAY-0001",
}

// A client asks the simulator as each carrier's documentation says, with the
// account that it is given.
type client struct {
	t       *testing.T
	base    string
	account map[string]string
	token   string
}

// dial makes a client of source with the right account.
func dial(t *testing.T, s *sim.Server, base, source string) *client {
	t.Helper()
	return &client{t: t, base: base + "/" + source, account: s.Credentials(source)}
}

// basicAuth is the value of an Authorization header.
func basicAuth(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

const form = "application/x-www-form-urlencoded"

// login fetches a token the way source wants it asked for.
func (c *client) login(source string) answer {
	c.t.Helper()
	a := c.account
	inForm := url.Values{"grant_type": {"client_credentials"}, "client_id": {a["client_id"]}, "client_secret": {a["client_secret"]}}.Encode()
	var got answer
	switch source {
	case "ups":
		got = ask(c.t, "POST", c.base+"/security/v1/oauth/token", "grant_type=client_credentials",
			"Content-Type", form, "Authorization", basicAuth(a["client_id"], a["client_secret"]))
	case "fedex":
		got = ask(c.t, "POST", c.base+"/oauth/token", inForm, "Content-Type", form)
	case "usps":
		got = ask(c.t, "POST", c.base+"/oauth2/v3/token",
			fmt.Sprintf(`{"grant_type":"client_credentials","client_id":%q,"client_secret":%q}`, a["client_id"], a["client_secret"]),
			"Content-Type", "application/json")
	case "gls":
		got = ask(c.t, "POST", c.base+"/oauth2/v2/token", inForm, "Content-Type", form)
	case "correios":
		got = ask(c.t, "POST", c.base+"/token/v1/autentica/cartaopostagem", fmt.Sprintf(`{"numero":%q}`, a["posting_card"]),
			"Content-Type", "application/json", "Authorization", basicAuth(a["user"], a["access_code"]))
	default:
		return answer{}
	}
	if got.status < 300 {
		c.token, _ = got.at(c.t, "access_token").(string)
		if c.token == "" {
			c.token, _ = got.at(c.t, "token").(string)
		}
	}
	return got
}

// track asks source about numbers; extra are header names and values.
func (c *client) track(source string, numbers ...string) answer {
	c.t.Helper()
	if c.token == "" {
		c.login(source)
	}
	a, one, all := c.account, numbers[0], strings.Join(numbers, ",")
	get := func(path string, headers ...string) answer {
		c.t.Helper()
		return ask(c.t, "GET", c.base+path, "", headers...)
	}
	bearer := "Bearer " + c.token
	switch source {
	case "ups":
		return get("/api/track/v1/details/"+one+"?returnSignature=true", "Authorization", bearer, "transId", "t1", "transactionSrc", "test")
	case "fedex":
		return ask(c.t, "POST", c.base+"/track/v1/trackingnumbers", `{"includeDetailedScans":true,"trackingInfo":[`+
			each(numbers, `{"trackingNumberInfo":{"trackingNumber":%q}}`)+`]}`, "Authorization", bearer, "Content-Type", "application/json")
	case "usps":
		return get("/tracking/v3/tracking/"+one+"?expand=DETAIL", "Authorization", bearer)
	case "dhl-unified":
		return get("/track/shipments?trackingNumber="+one, "DHL-API-Key", a["api_key"])
	case "canada-post":
		return get("/vis/track/pin/"+one+"/detail", "Authorization", basicAuth(a["user"], a["password"]),
			"Accept", "application/vnd.cpc.track-v2+xml", "Accept-Language", "en-CA")
	case "australia-post":
		return get("/shipping/v1/track?tracking_ids="+all, "Authorization", basicAuth(a["key"], a["password"]), "Account-Number", a["account_number"])
	case "royal-mail":
		path := "/mailpieces/v2/" + one + "/events"
		if len(numbers) > 1 {
			path = "/mailpieces/v2/summary?mailPieceId=" + all
		}
		return get(path, "X-IBM-Client-Id", a["client_id"], "X-IBM-Client-Secret", a["client_secret"], "X-Accept-RMG-Terms", "yes")
	case "inpost":
		return get("/v1/tracking/" + one)
	case "nova-poshta":
		return ask(c.t, "POST", c.base+"/v2.0/json/", `{"apiKey":"","modelName":"TrackingDocument","calledMethod":"getStatusDocuments","methodProperties":{"Documents":[`+
			each(numbers, `{"DocumentNumber":%q,"Phone":""}`)+`]}}`, "Content-Type", "application/json")
	case "sf-express":
		return c.trackSF("2", "", numbers...)
	case "la-poste-suivi":
		return get("/suivi/v2/idships/"+all+"?lang=fr_FR", "X-Okapi-Key", a["okapi_key"], "Accept", "application/json")
	case "gls":
		return get("/track-and-trace-v1/tracking/simple/trackids/"+all, "Authorization", bearer, "Accept-Language", "en")
	case "postnord":
		return get("/rest/shipment/v5/trackandtrace/findByIdentifier.json?apikey=" + a["api_key"] + "&id=" + one + "&locale=en")
	case "aramex":
		return ask(c.t, "POST", c.base+"/ShippingAPI.V2/Tracking/Service_1_0.svc/json/TrackShipments",
			fmt.Sprintf(`{"ClientInfo":{"UserName":%q,"Password":%q,"Version":"v1.0","AccountNumber":%q,"AccountPin":%q,"AccountEntity":%q,"AccountCountryCode":%q},"Shipments":[%s]}`,
				a["user_name"], a["password"], a["account_number"], a["account_pin"], a["account_entity"], a["account_country"], each(numbers, "%q")),
			"Content-Type", "application/json")
	case "correios":
		if len(numbers) > 1 {
			return get("/srorastro/v1/objetos?codigosObjetos="+strings.Join(numbers, "&codigosObjetos=")+"&resultado=T", "Authorization", bearer)
		}
		return get("/srorastro/v1/objetos/"+one+"?resultado=T", "Authorization", bearer)
	case "generic":
		return get("/track?numbers="+all, "X-Api-Key", a["api_key"])
	}
	c.t.Fatalf("no client for %q", source)
	return answer{}
}

// trackSF signs a request: base64(MD5(urlencode(msgData + timestamp + check
// word))). Nothing in it is encoded differently by Go and Java.
func (c *client) trackSF(language, phone string, numbers ...string) answer {
	c.t.Helper()
	data := fmt.Sprintf(`{"language":%q,"trackingType":"1","trackingNumber":[%s],"methodType":"1","checkPhoneNo":%q}`, language, each(numbers, "%q"), phone)
	digest := md5.Sum([]byte(url.QueryEscape(data + "1772625600000" + c.account["check_word"])))
	return ask(c.t, http.MethodPost, c.base+"/std/service", url.Values{
		"partnerID": {c.account["partner_id"]}, "requestID": {"r1"}, "serviceCode": {"EXP_RECE_SEARCH_ROUTES"},
		"timestamp": {"1772625600000"}, "msgDigest": {base64.StdEncoding.EncodeToString(digest[:])}, "msgData": {data},
	}.Encode(), "Content-Type", form)
}

// each writes one piece of JSON for every number.
func each(numbers []string, piece string) string {
	pieces := make([]string, len(numbers))
	for i, n := range numbers {
		pieces[i] = fmt.Sprintf(piece, n)
	}
	return strings.Join(pieces, ",")
}
