package figure

// Learned is with which carriers numbers were found, by what the numbers look like
// and the country where their parcels were: the reasons on pages and in answers
// ("of 200 such numbers here, 180 were this carrier's"), the order that follows from
// it, and `waypost carrier learned`.
var Learned = Statistic{"learned", []dimension{
	{"likeness", form, 20_000},
	{"country", country, 300},
	{"carrier", code, 5_000},
}}

// Statistics are all that are published.
var Statistics = []Statistic{Learned}
