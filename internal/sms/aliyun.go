package sms

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/fault"
	"waypost/internal/outbound"
)

// Aliyun is an account at Alibaba Cloud's Short Message Service. It sends
// registered templates filled with a message's Params, and no free text.
type Aliyun struct {
	KeyID, KeySecret string
	Sign             string          // the registered signature, like 路标
	Templates        map[Kind]string // the registered template of each kind: SMS_…
	Base             string          // "" is https://dysmsapi.aliyuncs.com
}

// NewAliyun makes a Sender of an account.
func NewAliyun(a Aliyun, client *outbound.Client, reg prometheus.Registerer) *Service {
	a.Base = strings.TrimSuffix(cmp.Or(a.Base, "https://dysmsapi.aliyuncs.com"), "/")
	return newService(&aliyun{a}, client, reg)
}

var errTemplate = fault.New(fault.Unavailable, "sms_template", "There is no template for messages of the kind %s. The operator sets sms.aliyun.templates.%s.")

type aliyun struct{ Aliyun }

// request is https://help.aliyun.com/document_detail/55284.html: SendSms,
// 2017-05-25, whose parameters belong into the query.
func (a *aliyun) request(ctx context.Context, m Message) (*http.Request, error) {
	template := a.Templates[m.Kind]
	if template == "" {
		return nil, errTemplate.With(m.Kind, m.Kind)
	}
	params, err := json.Marshal(m.Params)
	if err != nil {
		return nil, fmt.Errorf("write template parameters: %w", err)
	}
	query := url.Values{"PhoneNumbers": {national(m.To)}, "SignName": {a.Sign}, "TemplateCode": {template}}
	if len(m.Params) > 0 {
		query.Set("TemplateParam", string(params))
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Base+"/?"+canonicalQuery(query), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("call Aliyun: %w", err)
	}
	r.Header.Set("X-Acs-Action", "SendSms")
	r.Header.Set("X-Acs-Version", "2017-05-25")
	signACS3(r, a.KeyID, a.KeySecret, time.Now(), uuid.NewString())
	return r, nil
}

// national is a number as the API wants it: without +86 in mainland China,
// elsewhere with its country and without a plus.
func national(to string) string {
	if domestic, ok := strings.CutPrefix(to, "+86"); ok {
		return domestic
	}
	return strings.TrimPrefix(to, "+")
}

// refusals are the codes that are not worth another try
// (https://help.aliyun.com/document_detail/101346.html).
var refusals = map[string]*fault.Error{
	"isv.MOBILE_NUMBER_ILLEGAL":       ErrRefused,
	"isv.SMS_CONTENT_ILLEGAL":         errRejected,
	"isv.INVALID_PARAMETERS":          errRejected,
	"isv.INVALID_JSON_PARAM":          errRejected,
	"isv.PARAM_LENGTH_LIMIT":          errRejected,
	"isv.PARAM_NOT_SUPPORT_URL":       errRejected,
	"isv.BLACK_KEY_CONTROL_LIMIT":     errRejected,
	"isv.TEMPLATE_PARAMS_ILLEGAL":     errRejected,
	"isv.TEMPLATE_MISSING_PARAMETERS": errRejected,
	"isv.BUSINESS_LIMIT_CONTROL":      errLimited,
	"isv.DAY_LIMIT_CONTROL":           errLimited,
	"isv.MONTH_LIMIT_CONTROL":         errLimited,
	"isp.SYSTEM_ERROR":                errUnreachable,
}

func (a *aliyun) read(answer outbound.Answer) error {
	var said struct{ Code string }
	err := json.Unmarshal(answer.Body, &said)
	if err == nil && said.Code == "OK" && answer.Status == http.StatusOK {
		return nil
	}
	cause := answered(answer.Status, said.Code)
	if e, ok := refusals[said.Code]; ok {
		return e.Because(cause)
	}
	switch {
	case answer.Status == http.StatusTooManyRequests || strings.HasPrefix(said.Code, "Throttling"):
		return errLimited.Because(cause)
	case answer.Status >= 500 || err != nil:
		return errUnreachable.Because(cause)
	}
	return errSetup.Because(cause) // account, signature, template or credit: the operator can mend it
}
