package sim

import (
	"net/http"
	"slices"
	"time"
)

// correios speaks Correios's Rastro v1, with the token of a posting card.
//
// Source: https://www.correios.com.br/atendimento/developers, "Rastro" and "Token".
func correios() wire {
	account := map[string]string{"user": "simulado", "access_code": "simulated-correios-access-code", "posting_card": "0067599079"}
	return wire{
		name:    "correios",
		account: account,
		travels: profile{home: "BR", others: []string{"CN", "US"}, abroad: 15},
		formed:  anyOf(postal("BR")),
		tokens:  map[string]func(*call){"POST /token/v1/autentica/cartaopostagem": func(c *call) { correiosToken(c, account) }},
		asks: map[string]func(*call){
			"GET /srorastro/v1/objetos/{number}": correiosOne,
			"GET /srorastro/v1/objetos":          correiosMany,
		},
		admits: (*call).bearer,
		refuse: func(c *call) { correiosError(c, http.StatusUnauthorized, "GTW-006: Token inválido ou expirado.") },
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			correiosError(c, http.StatusTooManyRequests, "GTW-012: Limite de requisições excedido.")
		},
	}
}

func correiosError(c *call, status int, message string) {
	c.json(status, obj{"msgs": []string{message}, "date": correiosTime(c.now), "method": c.r.Method, "path": c.r.URL.Path, "causa": message})
}

// correiosTime is by the clock of Brasília, without zone.
func correiosTime(t time.Time) string {
	return t.In(zones["America/Sao_Paulo"]).Format("2006-01-02T15:04:05")
}

func correiosToken(c *call, account map[string]string) {
	var in struct {
		Number string `json:"numero"`
	}
	switch {
	case !c.basic(account["user"], account["access_code"]):
		c.fail()
		correiosError(c, http.StatusUnauthorized, "GTW-001: Usuário ou código de acesso inválido.")
	case !c.read(&in) || in.Number != account["posting_card"]:
		c.fail()
		correiosError(c, http.StatusBadRequest, "TKN-007: Cartão de postagem não pertence ao contrato.")
	default:
		c.json(http.StatusCreated, obj{
			"ambiente": "PRODUCAO", "id": account["user"], "perfil": "PJ", "emissao": correiosTime(time.Now()), "expiraEm": correiosTime(time.Now().Add(24 * hour)),
			"zoneOffset": "-03:00", "cartaoPostagem": obj{"numero": in.Number, "contrato": "9912345678", "dr": 72, "api": []int{87}},
			"token": c.grant(24 * hour),
		})
	}
}

// correiosWords are an event's code and type, its description and detail.
var correiosWords = map[Kind]struct{ code, typ, text, detail string }{
	PickedUp:       {"PO", "01", "Objeto postado", ""},
	Departed:       {"RO", "01", "Objeto em transferência - por favor aguarde", ""},
	Arrived:        {"DO", "01", "Objeto em trânsito - por favor aguarde", ""},
	Export:         {"PAR", "10", "Objeto em processamento de exportação", ""},
	Import:         {"PAR", "16", "Objeto recebido pelos Correios do Brasil", "Aguardando fiscalização aduaneira"},
	Held:           {"PAR", "17", "Aguardando pagamento", "Acesse o ambiente Minhas Importações"},
	Released:       {"PAR", "31", "Fiscalização aduaneira finalizada", ""},
	Delayed:        {"BDE", "45", "Objeto recebido na unidade de distribuição, entrega prevista para o próximo dia útil", ""},
	OutForDelivery: {"OEC", "01", "Objeto saiu para entrega ao destinatário", ""},
	Attempted:      {"BDE", "20", "Tentativa de entrega não efetuada", "Carteiro não atendido"},
	BadAddress:     {"BDE", "19", "Objeto não entregue - endereço incorreto", ""},
	Refused:        {"BDE", "04", "Objeto não entregue - cliente recusou-se a receber", ""},
	ReadyForPickup: {"LDI", "01", "Objeto aguardando retirada no endereço indicado", "Para retirá-lo, é preciso informar o código do objeto"},
	Collected:      {"BDE", "01", "Objeto entregue ao destinatário", ""},
	Delivered:      {"BDE", "01", "Objeto entregue ao destinatário", ""},
	Returning:      {"OEC", "09", "Objeto saiu para entrega ao remetente", ""},
	Returned:       {"BDE", "23", "Objeto entregue ao remetente", ""},
	Damaged:        {"BDE", "28", "Objeto e/ou conteúdo avariado", ""},
	Lost:           {"BDE", "09", "Objeto não localizado no fluxo postal", ""},
	Cancelled:      {"BLQ", "01", "Entrega de objeto bloqueada a pedido do remetente", ""},
}

func correiosOne(c *call) {
	correiosAnswer(c, []string{c.r.PathValue("number")})
}

func correiosMany(c *call) {
	codes := c.r.URL.Query()["codigosObjetos"]
	if len(codes) == 1 {
		codes = list(codes[0])
	}
	if len(codes) == 0 || len(codes) > 50 {
		c.fail()
		correiosError(c, http.StatusBadRequest, "SRO-005: Informe de 1 a 50 objetos.")
		return
	}
	correiosAnswer(c, codes)
}

func correiosAnswer(c *call, codes []string) {
	which := c.r.URL.Query().Get("resultado") // T all, U the last, P the first
	objects := []obj{}
	for _, code := range codes {
		objects = append(objects, correiosObject(c, code, which))
	}
	results := map[string]string{"T": "Todos os Eventos", "U": "Último Evento", "P": "Primeiro Evento"}
	c.json(http.StatusOK, obj{"versao": "2.5.0", "quantidade": len(objects), "objetos": objects, "resultado": results[which]})
}

func correiosObject(c *call, code, which string) obj {
	if !s10.MatchString(code) {
		return obj{"codObjeto": code, "mensagem": "SRO-009: Código de objeto inválido"}
	}
	t, ok := c.tell(code)
	events := said(t.newest(), correiosWords)
	if !ok || len(events) == 0 {
		return obj{"codObjeto": code, "mensagem": "SRO-020: Objeto não encontrado na base de dados dos Correios."}
	}
	switch which {
	case "P":
		events = events[len(events)-1:]
	case "T":
	default:
		events = events[:1]
	}
	listed := []obj{}
	for _, e := range events {
		listed = append(listed, correiosEvent(t, e))
	}
	object := obj{
		"codObjeto": code, "tipoPostal": obj{"sigla": code[:2], "descricao": "ETIQUETA LOGICA PAC", "categoria": "PAC"},
		"modalidade": "F", "peso": 1.2, "formato": "Pacote", "eventos": listed,
	}
	if !t.over() {
		object["dtPrevista"] = correiosTime(t.due())
	}
	return object
}

func correiosEvent(t telling, e event) obj {
	words := correiosWords[e.kind]
	event := obj{
		"codigo": words.code, "tipo": words.typ, "dtHrCriado": correiosTime(e.at), "descricao": e.or(words.text), "unidade": correiosUnit(e.place, "Unidade de Tratamento"),
	}
	if words.detail != "" {
		event["detalhe"] = words.detail
	}
	if slices.Contains([]Kind{Delivered, Collected}, e.kind) {
		event["detalhe"] = "Recebido por: " + t.Person.Name
		event["unidade"] = correiosUnit(e.place, "Unidade de Distribuição")
	}
	if e.kind == Departed && e.place != t.To {
		event["unidadeDestino"] = correiosUnit(t.To, "Unidade de Distribuição")
	}
	return event
}

func correiosUnit(p Place, kind string) obj {
	if p.Country != "BR" {
		return obj{"nome": countryName(p.Country), "tipo": "País", "endereco": obj{}}
	}
	return obj{"codSro": "00000000", "tipo": kind, "endereco": obj{"cidade": p.City, "uf": p.Region}}
}
