package locale

import (
	"fmt"
	"testing"
	"time"
)

func TestLocales(t *testing.T) {
	zone := time.FixedZone("CEST", 7200)
	day, first := time.Date(2024, 5, 27, 16, 0, 0, 0, zone), time.Date(2024, 1, 1, 0, 0, 0, 0, time.FixedZone("", 10800))
	for _, c := range []struct{ got, want string }{
		{New("en").Date(day), "27 May 2024"}, {New("en-US").Date(day), "May 27, 2024"}, {New("fr").Date(day), "27 mai 2024"}, {New("fr").Date(first), "1er janvier 2024"},
		{New("de").Date(day), "27. Mai 2024"}, {New("es").Month(day), "mayo de 2024"}, {New("fr").Month(day), "mai 2024"}, {New("tlh").Date(day), "2024-05-27"},
		{New("en").Time(day), "16:00 CEST"}, {New("en").Time(first), "00:00 UTC+0300"}, {New("ar").Dir, "rtl"}, {New("he").Dir, "rtl"}, {New("en").Dir, "ltr"},
		{New("fr").Language("en"), "anglais"}, {New("fr").Self(), "français"}, {New("en").OpenGraph(), "en_GB"}, {New("fr").OpenGraph(), "fr_FR"}, {New("pt-BR").OpenGraph(), "pt_BR"},
		{New("en").Bytes(74448896), "74.4\u00a0MB"}, {New("fr").Bytes(1500), "2\u00a0ko"}, {New("en").Bytes(20), "20\u00a0B"}, {New("en").Bytes(2340000000), "2.34\u00a0GB"},
		{New("en").Plural(1), "one"}, {New("en").Plural(0), "other"}, {New("fr").Plural(0), "one"}, {New("pl").Plural(3), "few"}, {New("ru").Plural(5), "many"},
		{New("ar").Plural(0), "zero"}, {New("ar").Plural(2), "two"}, {New("ar").Plural(3), "few"}, {New("ar").Plural(11), "many"}, {New("ar").Plural(100), "other"}, {New("tlh").Plural(1), "other"},
		{fmt.Sprint(New("en").Plurals()), "[one other]"}, {fmt.Sprint(New("ar").Plurals()), "[zero one two few many other]"}, {fmt.Sprint(New("tlh").Plurals()), "[other]"},
		{New("ar").Date(day), "27 مايو 2024"}, {New("ar").Month(day), "مايو 2024"}, {New("pl").Date(day), "27 maja 2024"},
		{New("en").List(nil), ""}, {New("en").List([]string{"a"}), "a"}, {New("en").List([]string{"a", "b"}), "a and b"}, {New("en").List([]string{"a", "b", "c"}), "a, b and c"},
		{New("en-US").List([]string{"a", "b", "c"}), "a, b, and c"}, {New("fr").List([]string{"a", "b", "c"}), "a, b et c"}, {New("ar").List([]string{"أ", "ب", "ج"}), "أ وب وج"},
		{New("tlh").List([]string{"a", "b"}), "a, b"},
		{Seconds(72), "1:12"}, {Seconds(3723), "1:02:03"}, {Seconds(0), "0:00"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
