package corpus

import "strings"

// Everybody and every place here is made up; a name that is somebody's is so by chance.
var (
	speakers = rank(people(400))
	places   = rank(cities(240))
	topics   = rank(strings.Split(topicNames, "|"))
)

const (
	givenNames  = `Adela Bram Cosima Davor Edda Florin Greta Hakon Ilse Jorun Katja Leander Mirja Nestor Oona Piers Quirin Rosalind Sixten Tilda Ulla Vesna Wenzel Ximena Yannick`
	familyNames = `Aldersey Bruckmann Caldera Drummond Estrada Fjellheim Gallard Hollander Isaksen Jurado Kestrel Lindholt Marchetti Norrgard Ostrander Pelletier Quarles Rautio Sandoval Thorvald Ullmark Vasconcel Wexford Yardley Zimmer Ashgrove Bellweather Cordwain Dunmore Everly Farrant`
	stems       = `Alder Brack Corn Dun Elder Fal Gran Hather Iver Kel Lang Mar Nether Oster Pem Rook Stan Thorn Upper Wynd`
	endings     = `ford haven minster by stead wick moor burn gate port dale mouth`
	countries   = `Norvale|Estmark|Callonia|Verrin|the Sound Islands|Tamberland|Ostravia`
	topicNames  = `Economy|Water supply|Energy|Public health|Transport|Ports|Schools|Housing|Trade|Fisheries|Railways|Budget|Climate|Harvest|Labour market|Rural areas|Research|Civil protection|Courts|Local government|Border traffic|Culture|Forests|Hospitals|Pensions|Digital services|Floods|Consumer prices|Statistics|Roads|Tourism|Heritage|Vocational training|Air quality|Customs|Electricity grid|Food safety|Insurance|Libraries|Migration|Mining|Nature reserves|Nursing|Patents|Postal services|Public procurement|Recycling|Rivers|Satellites|Seafarers|Small firms|Sport|Standards|State visits|Taxation|Theatre|Universities|Veterinary service|Volunteers|Youth`
)

// people and cities pair the two lists by steps that have no divisor in common
// with their lengths, so that no pair comes twice and neighbours look unlike.
func people(n int) []string {
	given, family := strings.Fields(givenNames), strings.Fields(familyNames)
	list := make([]string, n)
	for i := range list {
		list[i] = given[i*7%len(given)] + " " + family[i*11%len(family)]
	}
	return list
}

func cities(n int) []string {
	stem, ending, country := strings.Fields(stems), strings.Fields(endings), strings.Split(countries, "|")
	list := make([]string, n)
	for i := range list {
		// 20 stems and 12 endings share the divisor 4: a full turn of 60 moves the endings on by one.
		list[i] = stem[i*3%len(stem)] + ending[(i*7+i/60)%len(ending)] + ", " + country[i%len(country)]
	}
	return list
}

// grammar holds the patterns of every kind of sentence and part of a sentence.
// A slot in braces is filled by a pattern of that kind, or by one of the kinds
// that writer.fill knows.
var grammar = map[string][]string{
	"title": {
		"{Body} {decides} {measure}",
		"{Body} {decides} {measure} in {this place}",
		"{this place} to get {measure}",
		"{this speaker} visits {this place}",
		"{this speaker} on {subject}",
		"Statement on {subject}",
		"{this place}: {measure} from {year}",
		"Answers to questions on {subject}",
		"Remarks by {this speaker} in {this place}",
	},
	"summary": {
		"The {body} {decided} {measure}; {consequence}.",
		"The {body} {decided} {measure} after {months} of {talks}.",
		"In {this place}, {this speaker} spoke about {subject} and about what follows for {people}.",
		"{this speaker} answered questions on {subject}, {subject} and the work of the {body}.",
	},
	"heading": {
		"What changes for {people}", "Background", "Next steps", "{subject}", "The view from {place}",
		"Costs until {year}", "What the {body} will examine",
	},
	"before list": {
		"The {body} named the points on which work goes on:",
		"Those present agreed on the following:",
		"By the end of {year}, these things are to be settled:",
	},
	"item": {
		"{measure}, to be ready by {year};", "{many} {units} for {place};", "a report on {subject} from the {body};",
		"rules for {people}, {consequence};", "{few} meetings with {people} in {place};",
	},
	"claim": {
		"We have waited {months} for this, and {people} have waited longer.",
		"I will not promise what the budget for {year} cannot bear.",
		"Whoever has seen {subject} at close hand in {place} knows why {measure} cannot wait.",
		"Nobody is asking {people} to pay for this twice.",
		"We started with {few} {units}, and today we count {many}.",
		"That is a question for the {body}, and I will leave it there.",
		"It took {months} of {talks}, and I thank everyone who stayed at the table.",
		"There are still {few} points open, among them {subject}.",
		"If {consequence}, we will say so in public.",
		"What {place} needs is {measure}, {adverb} and at a price it can afford.",
	},
	"sentence": {
		"The {body} {decided} {measure} {when}.",
		"The {body} {decided} {measure} {when}, after {months} of {talks}.",
		"{when}, the {body} in {place} {decided} {measure}, although {people} had asked for more time.",
		"About {many} {units} are affected, most of them in {place}.",
		"According to [the report]({link}), {percent} per cent of {people} see {subject} as the first task.",
		"{speaker}, who speaks for {people} in {place}, called the result *{adjective}*.",
		"The figures that the {body} published {when} show an increase of {percent} per cent.",
		"In {past} the share was **{percent} per cent**; since then {consequence}.",
		"Work on {measure} starts in {place}, where {few} {units} have been chosen for it.",
		"The costs are put at {many} million crowns until {year}, of which {percent} per cent come from the {body}.",
		"A first draft had been withdrawn after {people} raised {adjective} objections.",
		"It remains open how {subject} will be paid for once the {adjective} programme ends.",
		"For {people}, little changes at first: {consequence}.",
		"{place} and {place} will share {few} {units} and settle the rest {adverb}.",
		"The decision rests on [an opinion]({link}) that the {body} gave {when}.",
		"Journalists asked whether {measure} would still come before {year}.",
		"Until then the {body} will publish figures on {subject} every {few} weeks.",
		"Similar rules have been in force in {place} since {past}, and {consequence}.",
		"{people} can send their comments to the {body} for {few} days.",
	},
	"Body": {
		"Harbour board", "Cabinet", "Water council", "Grain office", "Audit chamber", "Rail authority", "Assembly",
		"Health council", "Ministry", "Coast guard", "City council", "Energy agency",
	},
	"body": {
		"harbour board", "cabinet", "water council", "grain office", "audit chamber", "rail authority", "assembly",
		"health council", "ministry of works", "coast guard", "city council", "energy agency", "finance committee",
		"joint commission", "statistics office", "council of mayors", "school inspectorate", "river authority",
		"court of appeal", "institute for public health", "secretariat", "working group", "foreign ministry",
	},
	"decides": {"approves", "backs", "plans", "reviews", "opens", "signs off", "postpones", "explains", "pays for"},
	"decided": {
		"approved", "discussed", "put off", "presented", "examined", "signed", "returned for revision", "welcomed",
		"published its view of", "voted for", "opened talks on", "set a date for", "gave money for",
	},
	"measure": {
		"a new {adjective} bridge", "{few} {adjective} clinics", "the second rail link", "a fund for {people}",
		"{adjective} rules on {subject}", "a loan for the port", "lower fees for {people}", "a register of {units}",
		"the {adjective} flood plan", "a training year for {people}", "the sale of {few} {units}", "a survey of {subject}",
		"longer opening hours", "an agreement on {subject}", "the {adjective} winter timetable",
	},
	"subject": {
		"drinking water", "night trains", "rents", "the price of bread", "wind power", "fishing quotas", "school meals",
		"rural doctors", "the old harbour", "road safety", "the pension age", "data protection", "river traffic",
		"dairy farming", "the civil register", "nursing care", "timber exports", "apprentices", "coastal defence",
		"the electricity grid", "library funding", "cross-border work", "public tenders", "storm damage",
	},
	"people": {
		"commuters", "fishing crews", "families", "small firms", "tenants", "nurses", "teachers", "dairy farmers", "students",
		"pensioners", "dock workers", "foresters", "volunteers", "road hauliers", "residents", "shopkeepers", "engineers",
	},
	"units": {
		"households", "vessels", "classrooms", "kilometres of track", "jobs", "permits", "hospital beds", "hectares",
		"buildings", "pumping stations", "applications", "farms", "buses", "turbines", "court files", "beds",
	},
	"adjective": {
		"joint", "regional", "modest", "long-awaited", "temporary", "thorough", "costly", "northern", "simpler", "binding",
		"public", "careful", "smaller", "independent", "southern", "early", "technical", "shared", "stricter", "open",
	},
	"adverb": {"step by step", "by contract", "without delay", "in stages", "among themselves", "in the open", "by midsummer"},
	"consequence": {
		"fees fall by {percent} per cent", "{few} offices close", "waiting times are shorter", "contracts run on unchanged",
		"{many} {units} are added", "the old permits stay valid until {year}", "prices have hardly moved",
		"{people} need no new papers", "the number of complaints has halved", "repairs come first",
	},
	"months": {"{few} months", "two years", "a winter", "{few} weeks", "most of a year"},
	"talks":  {"talks", "hearings", "negotiations", "tests", "preparation", "correspondence"},
	"when": {
		"on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "last week", "in the spring", "in {past}",
		"this morning", "at its autumn session", "in the course of the year",
	},
	"link": {"https://documents.example.org/{past}/{many}/"},
}
