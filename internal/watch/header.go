package watch

import (
	"slices"
	"strings"

	"waypost/internal/carrier"
)

// A Column is what a column of a table holds.
type Column string

// Columns.
const (
	NoColumn      Column = "" // ignored
	NumberColumn  Column = "number"
	CarrierColumn Column = "carrier"
	NameColumn    Column = "name"
	NoteColumn    Column = "note"
	TagsColumn    Column = "tags" // with commas, semicolons or bars between
	OrderColumn   Column = "order"

	// What carriers demand besides the number.
	PostalCodeColumn Column = Column(carrier.PostalCode)
	PhoneEndColumn   Column = Column(carrier.PhoneLast4)
	PhoneColumn      Column = Column(carrier.Phone)
	ShipDateColumn   Column = Column(carrier.ShipDate)
	AccountColumn    Column = Column(carrier.Account)
	CountryColumn    Column = Column(carrier.DestinationCountry)
)

// demanded are those that hold what carriers demand.
var demanded = []Column{PostalCodeColumn, PhoneEndColumn, PhoneColumn, ShipDateColumn, AccountColumn, CountryColumn}

// Columns are all of them.
var Columns = append([]Column{NoColumn, NumberColumn, CarrierColumn, NameColumn, NoteColumn, TagsColumn, OrderColumn}, demanded...)

// A Mapping says how a table is read.
type Mapping struct {
	Header  bool     // the first line names the columns
	Columns []Column // of each column, left to right; none after the last. One is the number
}

// headings are what columns are called, in English and Chinese, folded and
// without separators.
var headings = map[Column][]string{
	NumberColumn: {
		"trackingnumber", "trackingno", "trackingnr", "trackingcode", "trackingid", "tracking", "number", "no", "awb", "awbnumber", "waybill", "waybillnumber",
		"waybillno", "shipmentnumber", "parcelnumber", "consignment", "consignmentnumber", "parcel", "barcode",
		"运单号", "运单号码", "运单编号", "快递单号", "物流单号", "物流编号", "物流运单号", "跟踪号", "跟踪单号", "追踪号", "追踪号码", "查询单号", "单号", "面单号", "货运单号",
	},
	CarrierColumn: {
		"carrier", "carriername", "courier", "couriername", "shippingcarrier", "shippingcompany", "shippingprovider", "logisticscompany", "shipper", "service",
		"承运商", "承运人", "运输商", "物流商", "物流公司", "快递公司", "快递", "配送公司", "货运公司",
	},
	NameColumn: {
		"name", "title", "item", "itemname", "product", "productname", "description", "contents", "parcelname", "label",
		"名称", "商品", "商品名称", "标题", "品名", "物品", "包裹名称", "内容",
	},
	NoteColumn: {"note", "notes", "comment", "comments", "remark", "remarks", "memo", "备注", "注释", "说明", "留言", "附言"},
	TagsColumn: {"tag", "tags", "labels", "category", "categories", "group", "标签", "分类", "分组", "类别"},
	OrderColumn: {
		"order", "orderid", "ordernumber", "orderno", "ordernr", "orderreference", "orderref", "reference", "ref", "referencenumber", "purchaseorder", "ponumber",
		"订单", "订单号", "订单编号", "订单号码", "交易号", "参考号", "客户单号",
	},
	PostalCodeColumn: {
		"postalcode", "postcode", "zip", "zipcode", "plz", "shippingzip", "shippingpostalcode", "shippingpostcode", "receiverpostalcode", "recipientpostalcode", "destinationpostalcode",
		"邮编", "邮政编码", "收件邮编", "收件人邮编",
	},
	PhoneEndColumn: {"phonelast4", "last4", "phoneend", "手机后四位", "电话后四位", "手机尾号", "尾号"},
	PhoneColumn: {
		"phone", "phonenumber", "mobile", "telephone", "shippingphone", "receiverphone", "recipientphone",
		"电话", "手机", "手机号", "手机号码", "联系电话", "收件人电话", "收件人手机",
	},
	ShipDateColumn: {"shipdate", "shippedon", "shippeddate", "shippingdate", "dispatchdate", "发货日期", "寄出日期", "寄件日期"},
	AccountColumn:  {"customernumber", "carrieraccount", "accountnumber", "customerno", "客户编号", "月结账号", "月结卡号"},
	CountryColumn:  {"destinationcountry", "shippingcountry", "countrycode", "receivercountry", "recipientcountry", "目的国", "目的国家", "收件国家"},
}

// heading is the column that a heading names, NoColumn for none.
func heading(text string) Column {
	word := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n_-.:#*/()（）：№", r) {
			return -1
		}
		return r
	}, fold(text))
	for _, c := range Columns {
		if slices.Contains(headings[c], word) {
			return c
		}
	}
	return NoColumn
}

// guess says how a table is to be read: by its headings, else the column that
// has the most numbers is the number.
func (t table) guess(isNumber func(string) bool) Mapping {
	width := 0
	for _, line := range t.Cells {
		width = max(width, len(line))
	}
	m := Mapping{Columns: make([]Column, width)}
	for i, cell := range t.Cells[0] {
		if c := heading(cell); c != NoColumn && !slices.Contains(m.Columns, c) {
			m.Columns[i], m.Header = c, true
		}
	}
	if m.Header && slices.Contains(m.Columns, NumberColumn) {
		return m
	}
	if best := t.mostNumbers(width, isNumber); best >= 0 {
		if !m.Header {
			m.Header = len(t.Cells) > 1 && !slices.ContainsFunc(t.Cells[0], func(cell string) bool { return isNumber(cell) }) && width > 1
		}
		m.Columns[best] = NumberColumn
	}
	return m
}

// mostNumbers is the column that has the most numbers in the first lines, −1
// where none has any.
func (t table) mostNumbers(width int, isNumber func(string) bool) int {
	best, most := -1, 0
	for column := range width {
		n := 0
		for _, line := range t.Cells[:min(len(t.Cells), sniffed)] {
			if column < len(line) && isNumber(line[column]) {
				n++
			}
		}
		if n > most {
			best, most = column, n
		}
	}
	return best
}
