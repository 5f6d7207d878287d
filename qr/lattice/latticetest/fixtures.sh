#!/bin/sh
# fixtures.sh: the symbols in the readers' testdata folders, as Debian's zint (2.11) draws them, from payloads of our own.
# Run in the folder qr; needs `apt-get install zint`.
set -eu
# draw FILE TYPE PAYLOAD OPTIONS...: the payload is a quoted string as Go writes it, which zint reads with --esc.
draw() {
	file=$1 type=$2 payload=$3
	shift 3
	rows=$(zint -b "$type" "$@" --esc --dump -d "$payload")
	first=$(printf '%s\n' "$rows" | head -1 | tr -d ' \n')
	n=$(printf '%s\n' "$rows" | wc -l)
	{
		printf '# zint -b %s %s --esc --dump\n# payload: "%s"\n' "$type" "$*" "$payload"
		case $type in
		55) printf '# width: %d\n' "${width:-$(((${#first} * 4 - 1) / 17 * 17 + 1))}" ;;
		56) printf '# width: %d\n' $(((${#first} * 4 - 1) / 17 * 17 + 1)) ;;
		*) printf '# width: %d\n' "${width:-$n}" ;;
		esac
		printf '%s\n' "$rows"
	} >"$file"
}
long='Meet at the old harbour, bring 3 lamps (2 spare); see https://harbour.example/lamps?id=77#x. '
for v in 1 2 3 4; do draw aztec/testdata/compact-$v.txt 92 'Lamp 7!' --vers=$v; done
draw aztec/testdata/mixed.txt 92 'aZ 09,. (x) @_|~ {1}\tend\r\n'
draw aztec/testdata/full-4.txt 92 'https://harbour.example/5' --vers=8
draw aztec/testdata/full-8.txt 92 "$long" --vers=12
draw aztec/testdata/full-16.txt 92 "$long$long$long" --vers=20
draw aztec/testdata/full-24.txt 92 "$long$long$long$long" --vers=28
draw aztec/testdata/full-32.txt 92 "$long$long$long$long" --vers=36
draw aztec/testdata/utf8.txt 92 'Größe — 灯' --eci=26
draw datamatrix/testdata/edifact.txt 71 'EDIFACT.TEST+WITH*SIGNS.EDIFACT' --square
draw datamatrix/testdata/x12.txt 71 'X12*SEGMENT>WITH*STARS>AND*MORE>123' --square
draw datamatrix/testdata/c40.txt 71 'CAPITALS AND 12345678 DIGITS C40 UPPER' --square
draw datamatrix/testdata/text.txt 71 'small letters prefer text encodation, mostly' --square
draw datamatrix/testdata/utf8.txt 71 'Größe — 灯' --square --eci=26
draw datamatrix/testdata/largest.txt 71 "$long$long$long$long$long$long$long$long" --square --vers=24
draw datamatrix/testdata/large.txt 71 "$long$long" --square --vers=17
for v in 25 26 27 28 29 30; do
	case $v in 25) width=18 ;; 26) width=32 ;; 27) width=26 ;; 28) width=36 ;; 29) width=36 ;; 30) width=48 ;; esac
	draw datamatrix/testdata/rectangle-$v.txt 71 'Lamp7' --vers=$v
done
width=144 draw datamatrix/testdata/extended-8x144.txt 71 'Lamp 7 at the harbour' --dmre --vers=36
unset width
draw pdf417/testdata/text.txt 55 "$long" --cols=4 --secure=3
draw pdf417/testdata/submodes.txt 55 'aZ 09,. (x) @_|~ {1} A;b Cd-99 ^E=mc2'
draw pdf417/testdata/numbers.txt 55 '0071234567890123456789012345678901234567890123456789' --cols=3
draw pdf417/testdata/small.txt 55 'Lamp' --cols=1 --secure=2
draw pdf417/testdata/large.txt 55 "$long$long$long$long$long" --cols=14 --secure=5
draw pdf417/testdata/utf8.txt 55 'Größe — 灯' --eci=26 --cols=2
draw pdf417/testdata/bytes.txt 55 'é€\t灯灯灯灯' --eci=26 --cols=3
draw pdf417/testdata/compact.txt 56 "$long" --cols=4 --secure=3
