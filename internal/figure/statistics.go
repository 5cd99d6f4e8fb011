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

// Given is of how many accounts something was given to authorities that asked in half
// a year that is over, by that half, on what ground and from which country:
// `/transparency`.
var Given = Statistic{"given", []dimension{
	{"half", code, 400},
	{"ground", code, 20},
	{"country", country, 300},
}}

// statistics are all that are published.
var statistics = []Statistic{Learned, Given}
