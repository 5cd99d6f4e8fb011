package sim

import (
	"crypto/md5" // SF's signature is made with it
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// sfExpress speaks SF Express's open platform: a signed form, whose answer is
// a JSON text inside JSON.
//
// Source: https://open.sf-express.com, EXP_RECE_SEARCH_ROUTES.
func sfExpress() wire {
	account := map[string]string{"partner_id": "SIMULATED", "check_word": "simulated-sf-check-word"}
	return wire{
		name:    "sf-express",
		account: account,
		travels: profile{home: "CN", others: []string{"US", "JP", "GB", "DE"}, abroad: 15, shops: 20},
		formed: anyOf(
			looks(`SF\d{13}`, nil),
			looks(`SF[A-Z]?\d{12,14}`, nil),
			looks(`\d{12}`, nil),
		),
		phone:  true,
		asks:   map[string]func(*call){"POST /std/service": sfService},
		admits: func(c *call) bool { return sfSigned(c, account) },
		refuse: func(c *call) { sfAnswer(c, "A1006", "数字签名无效", nil) },
		limited: func(c *call, _ time.Duration) {
			sfAnswer(c, "A1005", "流量受控", nil)
		},
	}
}

// sfSigned checks base64(MD5(urlencode(msgData + timestamp + checkWord))).
func sfSigned(c *call, account map[string]string) bool {
	text := c.r.PostFormValue("msgData") + c.r.PostFormValue("timestamp") + account["check_word"]
	digest := md5.Sum([]byte(javaEncode(text)))
	return c.r.PostFormValue("partnerID") == account["partner_id"] &&
		c.r.PostFormValue("msgDigest") == base64.StdEncoding.EncodeToString(digest[:])
}

// javaEncode is Java's URLEncoder: letters, digits and .-*_ stay, a space
// becomes a plus, everything else its bytes in hex.
func javaEncode(text string) string {
	var out strings.Builder
	for i := range len(text) {
		switch b := text[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', strings.IndexByte(".-*_", b) >= 0:
			out.WriteByte(b)
		case b == ' ':
			out.WriteByte('+')
		default:
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}

// sfAnswer is the platform's envelope; data is put in as a text.
func sfAnswer(c *call, code, message string, data any) {
	answer := obj{"apiErrorMsg": message, "apiResponseID": fmt.Sprintf("%032X", roll(string(c.body)).next()), "apiResultCode": code, "apiResultData": nil}
	if data != nil {
		text, err := json.Marshal(data)
		if err != nil {
			panic("sim: " + err.Error())
		}
		answer["apiResultData"] = string(text)
	}
	c.json(http.StatusOK, answer)
}

// sfWords are a route's opCode, its first and second status, and the text in
// Chinese and English.
var sfWords = map[Kind]struct {
	op, first, firstName, second, secondName, zh, en string
}{
	PickedUp:       {"50", "1", "已揽收", "101", "已揽收", "顺丰速运 已收取快件", "SF Express has picked up the shipment"},
	Departed:       {"30", "2", "运送中", "201", "运送中", "快件在【{city}集散中心】完成分拣,准备发往下一站", "Shipment has departed from the {city} hub"},
	Arrived:        {"31", "2", "运送中", "201", "运送中", "快件到达【{city}集散中心】", "Shipment arrived at the {city} hub"},
	Export:         {"204", "2", "运送中", "204", "清关中", "快件正在【{city}】出口清关", "Export customs clearance in progress in {city}"},
	Import:         {"204", "2", "运送中", "204", "清关中", "快件正在【{city}】清关", "Customs clearance in progress in {city}"},
	Held:           {"204", "2", "运送中", "204", "清关异常", "快件清关需补充资料,请联系客服", "Clearance needs more information, please contact customer service"},
	Released:       {"205", "2", "运送中", "205", "清关完成", "快件在【{city}】清关完成", "Customs clearance completed in {city}"},
	Delayed:        {"36", "2", "运送中", "204", "运送延误", "受天气影响,快件派送可能延误", "Delivery may be delayed by the weather"},
	OutForDelivery: {"44", "3", "派送中", "301", "派送中", "快件交给派送员,正在派送途中（联系电话：{phone}）", "Shipment is out for delivery (courier's phone: {phone})"},
	Attempted:      {"33", "3", "派送中", "301", "派送失败", "因收件人不在,快件暂未派送成功", "Delivery failed: nobody at the address"},
	BadAddress:     {"33", "3", "派送中", "301", "派送失败", "因地址不详,快件暂未派送成功", "Delivery failed: address incomplete"},
	Refused:        {"70", "3", "派送中", "301", "拒收", "收件人拒收快件", "The receiver refused the shipment"},
	ReadyForPickup: {"125", "3", "派送中", "301", "待取件", "快件已存放至丰巢柜,请及时取件", "Shipment is in the locker, please collect it"},
	Collected:      {"80", "4", "已签收", "401", "已签收", "快件已从丰巢柜取出,感谢使用顺丰", "Collected from the locker, thank you for using SF Express"},
	Delivered:      {"80", "4", "已签收", "401", "已签收", "您的快件已签收,签收人：{name},感谢使用顺丰,期待再次为您服务", "Delivered, signed by {name}, thank you for using SF Express"},
	Returning:      {"648", "13", "已转寄", "1301", "退回中", "快件已退回,转寄寄件人", "Shipment is being returned to the sender"},
	Returned:       {"80", "4", "已签收", "401", "退回签收", "退回件已由寄件人签收", "The returned shipment was signed by the sender"},
	Damaged:        {"70", "2", "运送中", "201", "异常", "快件外包装破损,正在处理", "The shipment is damaged, being handled"},
	Lost:           {"70", "2", "运送中", "201", "异常", "快件查找中", "The shipment can't be located"},
	Noted:          {"8000", "4", "已签收", "401", "已签收", "在官网\"运单资料&签收图\",可查看签收人信息", "Proof of delivery can be seen on the web site"},
}

// sfCities are how SF prints the cities of the world.
var sfCities = map[string]string{
	"Shenzhen": "深圳市", "Shanghai": "上海市", "Guangzhou": "广州市", "Beijing": "北京市", "Chengdu": "成都市", "Hangzhou": "杭州市",
}

type sfRequest struct {
	Language string   `json:"language"` // "0" simplified, "1" traditional Chinese, "2" English
	Type     string   `json:"trackingType"`
	Numbers  []string `json:"trackingNumber"`
	Phone    string   `json:"checkPhoneNo"`
}

func sfService(c *call) {
	for _, field := range []string{"requestID", "timestamp", "msgData", "serviceCode"} {
		if c.r.PostFormValue(field) == "" {
			c.fail()
			sfAnswer(c, "A1001", "必传参数不可为空", nil)
			return
		}
	}
	if c.r.PostFormValue("serviceCode") != "EXP_RECE_SEARCH_ROUTES" {
		c.fail()
		sfAnswer(c, "A1004", "无对应服务权限", nil)
		return
	}
	var in sfRequest
	if json.Unmarshal([]byte(c.r.PostFormValue("msgData")), &in) != nil || len(in.Numbers) == 0 || len(in.Numbers) > 10 {
		c.fail()
		sfAnswer(c, "A1000", "", obj{"success": false, "errorCode": "8057", "errorMsg": "运单号数量须为1至10个", "msgData": nil})
		return
	}
	answers := []obj{}
	for _, number := range in.Numbers {
		answers = append(answers, obj{"mailNo": number, "routes": sfRoutes(c, number, in)})
	}
	sfAnswer(c, "A1000", "", obj{"success": true, "errorCode": "S0000", "errorMsg": nil, "msgData": obj{"routeResps": answers}})
}

// sfRoutes are the events, oldest first, in Beijing's time; none for a number
// that isn't known and for a wrong end of the phone number.
func sfRoutes(c *call, number string, in sfRequest) []obj {
	routes := []obj{}
	t, ok := c.tell(number)
	if !ok || t.PhoneEnd != "" && t.PhoneEnd != in.Phone {
		return routes
	}
	beijing := zones["Asia/Shanghai"]
	for _, e := range said(t.events, sfWords) {
		words := sfWords[e.kind]
		city, text := e.place.City, words.en
		if in.Language != "2" {
			text = words.zh
			if printed, ok := sfCities[city]; ok {
				city = printed
			}
		}
		text = strings.NewReplacer("{city}", city, "{name}", t.Person.Name, "{phone}", t.Person.Phone).Replace(text)
		routes = append(routes, obj{
			"acceptTime": e.at.In(beijing).Format(time.DateTime), "acceptAddress": city, "remark": e.or(text), "opCode": words.op,
			"firstStatusCode": words.first, "firstStatusName": words.firstName,
			"secondaryStatusCode": words.second, "secondaryStatusName": words.secondName,
		})
	}
	return routes
}
