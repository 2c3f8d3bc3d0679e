#!/usr/bin/env bash
# make-clips draws the pictures and footage of the example newsroom.
#
#   internal/newsroom/make-clips.sh                    everything, a few minutes
#   internal/newsroom/make-clips.sh clips [ID...]      videos, posters and masters
#   internal/newsroom/make-clips.sh photos [NAME...]   photographs and portraits
#
# What comes out lies beside the texts in content/, in static/images/ and, for
# what only an account may download, in media/. The results are committed; run
# this again only to change them. It needs ffmpeg with librsvg and libx264, and
# nothing from the net: scenes.sh draws every scene as SVG, ffmpeg moves the
# layers against each other and cuts the shots together. A second run gives the
# same pictures, not the same bytes: x264's rate control depends on its threads.
set -euo pipefail
cd "$(dirname "$0")/../.."
. internal/newsroom/scenes.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ff() { ffmpeg -hide_banner -v error -nostdin -y "$@"; }

# draw SCENE.LAYER WIDTH HEIGHT VIEWBOX > svg
draw() {
	echo "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"$2\" height=\"$3\" viewBox=\"$4\" preserveAspectRatio=\"none\">"
	defs
	"${1/./_}"
	echo "</svg>"
}

# photo FILE MAX-KB "X Y WIDTH" WxH SCENE.LAYER...: a JPEG of one window of a
# scene, at the best quality that stays under the limit.
photo() {
	local file=$1 limit=$2 window=($3) size=$4 l q layers; shift 4
	layers=$(for l; do echo "<g>"; T=${phase:-0} "${l/./_}"; echo "</g>"; done)
	{
		echo "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"${size%x*}\" height=\"${size#*x}\" viewBox=\"${window[0]} ${window[1]} ${window[2]} $((window[2] * 9 / 16))\">"
		defs
		echo "$layers</svg>"
	} >"$work/photo.svg"
	mkdir -p "$(dirname "$file")"
	for q in 2 3 4 5 6 7 8 10; do
		ff -i "$work/photo.svg" -frames:v 1 -vf "noise=alls=3:all_seed=7,format=yuvj420p" -q:v $q -fflags +bitexact -map_metadata -1 "$work/photo.jpg"
		(($(stat -c %s "$work/photo.jpg") <= limit * 1024)) && break
	done
	mv "$work/photo.jpg" "$file"
	echo "$file"
}

# shot SECONDS "X Y WIDTH" LAYER... adds one shot to the clip being made. A layer
# is SCENE.NAME, then @DX[,DY] (picture elements it moves per frame), then *N (it
# moves by itself, in a loop of N frames). Whole steps only: half a picture
# element would make it tremble. librsvg multiplies colour by alpha already.
shot() {
	local n=$(($1 * fps)) window=($2) spec l dx dy loop lw lh box i=0 k dir in=() graph="" last=""; shift 2
	local unit; unit=$(awk -v w="${window[2]}" -v W="$W" 'BEGIN{print w/W}')
	shots=$((shots + 1))
	for spec; do
		loop=0 dx=0 dy=0 l=$spec
		case $l in *\**) loop=${l#*\*}; l=${l%\**} ;; esac
		case $l in *@*) dx=${l#*@}; l=${l%@*} ;; esac
		case $dx in *,*) dy=${dx#*,}; dx=${dx%,*} ;; esac
		dx=$((dx * W / 1280)) dy=$((dy * W / 1280))
		lw=$((W + ${dx#-} * n)) lh=$((H + dy * n))
		box=$(awk -v x="${window[0]}" -v y="${window[1]}" -v u="$unit" -v w=$lw -v h=$lh -v dx="${dx#-}" -v dy=$dy -v n=$n 'BEGIN{printf "%.2f %.2f %.2f %.2f", x-dx*n*u/2, y-dy*n*u, w*u, h*u}')
		dir=$work/$shots-$i; mkdir "$dir"
		if ((loop)); then
			for ((k = 0; k < loop; k++)); do
				T=$(awk "BEGIN{print $k/$loop}") draw "$l" $lw $lh "$box" >"$dir/$(printf %03d $k).svg"
			done
			in+=(-framerate $fps -i "$dir/%03d.svg")
			graph+="[$i]format=rgba,loop=-1:size=$loop,setpts=N/$fps/TB[l$i];"
		else
			draw "$l" $lw $lh "$box" >"$dir/0.svg"
			ff -i "$dir/0.svg" -frames:v 1 "$dir/0.png"
			in+=(-framerate $fps -loop 1 -i "$dir/0.png")
			graph+="[$i]format=rgba[l$i];"
		fi
		local x="-$dx*n" y="-$((dy * n))+$dy*n"
		((dx < 0)) && x="-$((${dx#-} * n))+${dx#-}*n"
		if ((i == 0)); then
			graph+="[l0]crop=$W:$H:'$dx*n':0[s0];"
			((dx < 0)) && { echo "shot: the first layer cannot move backwards" >&2; exit 1; }
		else
			graph+="[s$((i - 1))][l$i]overlay=x='$x':y='$y':format=rgb:alpha=premultiplied[s$i];"
		fi
		last=s$i i=$((i + 1))
	done
	ff "${in[@]}" -filter_complex "$graph[$last]format=gbrp[out]" -map "[out]" -frames:v $n -r $fps -c:v libx264rgb -qp 0 -preset ultrafast "$work/shot$shots.mkv"
	echo "file shot$shots.mkv" >>"$work/cut.txt"
}

# sound KIND: a quiet bed of filtered noise and two soft sines, near -28 LUFS.
sound() {
	local noise filter gain low high
	case $1 in
	sea) noise=brown:amplitude=.5:seed=11 filter="highpass=90,lowpass=900,tremolo=f=.22:d=.55,volume=.5" gain=4.5 low=196 high=294 ;;
	wind) noise=pink:amplitude=.4:seed=12 filter="bandpass=f=420:w=260,tremolo=f=.3:d=.5,volume=.9" gain=20 low=98 high=147 ;;
	hall) noise=brown:amplitude=.3:seed=13 filter="highpass=120,lowpass=1800,volume=.22" gain=13 low=220 high=330 ;;
	machine) noise=brown:amplitude=.4:seed=14 filter="lowpass=500,volume=.3" gain=7.5 low=100 high=200 ;;
	esac
	echo "anoisesrc=r=48000:color=$noise,$filter[a];sine=f=$low:r=48000,volume=.05,tremolo=f=.2:d=.6[b];sine=f=$high:r=48000,volume=.03,tremolo=f=.15:d=.6[c];[a][b][c]amix=inputs=3:normalize=0,volume=${gain}dB,alimiter=limit=.5:level=0"
}

# clip ID SIZE CONTAINER SOUND opens a clip; its poster and shots follow, cut_clip ends it.
clip() {
	id=$1 W=${2%x*} H=${2#*x} container=$3 bed=$4 fps=25 shots=0 graphics=null
	year=${id#*-} year=${year:0:4}
	: >"$work/cut.txt"
	rm -rf "$work"/[0-9]*-[0-9]*
}

# cut_clip joins the shots and writes the open web file and the master.
cut_clip() {
	local bundle=content/videos/$year/$id secs rate pass
	local web=$work/$id-web.mp4 master=$work/$id-broadcast.$container # moved into place whole
	mkdir -p "$bundle" "media/$id"
	ff -f concat -safe 0 -i "$work/cut.txt" -vf "$graphics,format=gbrp" -c:v libx264rgb -qp 0 -preset ultrafast "$work/clip.mkv"
	secs=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$work/clip.mkv")
	local audio="$(sound "$bed"),aformat=channel_layouts=stereo,afade=in:d=0.4,afade=out:st=$(awk "BEGIN{print $secs-.5}"):d=0.5[sound]"
	local common=(-map "[v]" -map "[sound]" -t "$secs" -color_primaries bt709 -color_trc bt709 -colorspace bt709 -c:a aac -ar 48000 -movflags +faststart -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1)
	ff -i "$work/clip.mkv" -filter_complex "[0:v]scale=out_color_matrix=bt709:out_range=tv,format=yuv420p[v];$audio" "${common[@]}" -c:v libx264 -profile:v high -preset slow -crf 16 -maxrate 1200k -bufsize 1200k -g 25 -b:a 128k "$master"
	# 220 KB leave room for the container and an encoder that overshoots: an open
	# clip has to stay under 250 KB.
	rate=$(awk "BEGIN{printf \"%d\", 220*8192/$secs-50000}")
	for pass in 1 2; do
		ff -i "$work/clip.mkv" -filter_complex "[0:v]scale=640:360:flags=lanczos:out_color_matrix=bt709:out_range=tv,format=yuv420p[v];$audio" "${common[@]}" -c:v libx264 -profile:v main -preset slow -b:v "$rate" -maxrate $((rate * 3 / 2)) -bufsize $((rate * 2)) -g 50 -pass $pass -passlogfile "$work/pass" -b:a 48k "$web"
	done
	mv "$web" "$bundle/"
	mv "$master" "media/$id/"
	echo "$id"
}

poster() { photo "content/videos/$year/$id/poster.jpg" 90 "$1" 1280x720 "${@:2}"; }

# still NAME SECOND takes a picture out of the clip that was cut last, for its page.
still() { ff -ss "$2" -i "media/$id/$id-broadcast.$container" -frames:v 1 -q:v 4 -fflags +bitexact -map_metadata -1 "content/videos/$year/$id/$1.jpg"; }

# The layers of each scene, far to near, with their movement.
congress=(congress.0 congress.1@1 congress.sea@2 congress.sea2@-1 congress.2@1 congress.flags@1*50)
cars=(cars.0@1 cars.1@1 cars.move@-4 cars.2@3)
press=(press.0 press.1@1 press.2@2 press.flash@2*50)
hall=(hall.0 hall.1 hall.light*50 hall.2@1)
speaker=(speaker.0 speaker.1*75 speaker.2)
lecterns=(lecterns.0 lecterns.1 lecterns.flags*50 lecterns.2)
koral=(lecterns.0 lecterns.1 lecterns.koralflags*50 lecterns.koral)
depot=(depot.0@1 depot.hook@1*100 depot.1@2 depot.2@3)
loading=(loading.0 loading.ship loading.hook*75 loading.1 loading.people loading.2@0,4)
cableship=(cableship.0 cableship.sea@-1 cableship.ship*75 cableship.sea2@2)
gauge=(gauge.0 gauge.sea@-1 gauge.1 gauge.wave*50)
river=(river.0@1 river.1@1 river.sea@2 river.2@1)
signing=(signing.0 signing.flags*50 signing.1 signing.2@1)
dark=(dark.0 dark.1 dark.lit*75 dark.2@1)
control=(control.0 control.1*100 control.2@1)
site=(site.0 site.1@1 site.rig@1*50 site.2@2)
torvika=(torvika.0 torvika.1@1 torvika.2@2 torvika.steam@2*50 torvika.snow@0,3)

# wanted ID [ID...]: is the first among the others, or are there no others?
wanted() { [ $# -eq 1 ] || case " ${*:2} " in *" $1 "*) ;; *) return 1 ;; esac; }

clips() {
	if wanted MC-20240213-V-0021 "$@"; then
		clip MC-20240213-V-0021 1280x720 mp4 sea
		poster "0 0 1600" gauge.0 gauge.sea gauge.1 gauge.wave
		shot 4 "0 0 1600" "${gauge[@]}"
		shot 3 "440 300 800" "${gauge[@]}"
		cut_clip
	fi
	if wanted MC-20240528-V-0087 "$@"; then
		clip MC-20240528-V-0087 1280x720 mp4 hall
		poster "100 40 1400" lecterns.0 lecterns.1 lecterns.koralflags lecterns.koral
		shot 3 "0 0 1600" "${koral[@]}"
		shot 4 "100 100 1200" "${speaker[@]}"
		shot 2 "0 0 1600" "${press[@]}"
		cut_clip
	fi
	if wanted MC-20240910-V-0131 "$@"; then
		clip MC-20240910-V-0131 1280x720 mp4 wind
		poster "0 0 1600" river.0 river.1 river.sea river.2
		shot 4 "0 0 1600" "${river[@]}"
		shot 2 "500 480 700" river.0 river.1 river.sea@1 river.2
		shot 2 "180 540 480" river.0 river.1 river.sea@1 river.2
		cut_clip
	fi
	if wanted MC-20250121-V-0009 "$@"; then
		clip MC-20250121-V-0009 1280x720 mp4 machine
		poster "0 0 1600" depot.0 depot.hook depot.1 depot.2
		shot 3 "0 0 1600" "${depot[@]}"
		shot 3 "300 330 900" "${depot[@]}"
		shot 2 "580 520 480" depot.0 depot.1@1 depot.2@1
		cut_clip
	fi
	if wanted MC-20250304-V-0038 "$@"; then
		clip MC-20250304-V-0038 1280x720 mp4 sea
		poster "0 0 1600" cableship.0 cableship.sea cableship.ship cableship.sea2
		shot 3 "0 0 1600" "${cableship[@]}"
		shot 5 "200 40 1400" cableship.0 cableship.sea@-1 lacombe.1*125
		shot 2 "180 380 700" "${cableship[@]}"
		cut_clip
	fi
	if wanted MC-20251009-V-0301 "$@"; then
		clip MC-20251009-V-0301 1920x1080 mov hall
		poster "0 0 1600" signing.0 signing.flags signing.1 signing.2
		shot 3 "0 0 1600" "${signing[@]}"
		shot 2 "440 330 720" signing.0 signing.flags*50 signing.1 signing.2
		shot 4 "100 100 1200" "${speaker[@]}"
		cut_clip
	fi
	if wanted MC-20260217-V-0061 "$@"; then
		clip MC-20260217-V-0061 1280x720 mp4 wind
		poster "0 0 1600" loading.0 loading.ship loading.hook loading.1 loading.people loading.2
		shot 4 "0 0 1600" "${loading[@]}"
		shot 3 "640 240 800" "${loading[@]}"
		shot 2 "200 600 420" "${loading[@]}"
		cut_clip
	fi
	if wanted MC-20260611-V-0288 "$@"; then
		clip MC-20260611-V-0288 1280x720 mp4 machine
		poster "100 60 1400" duarte.0 duarte.1
		shot 3 "0 0 1600" "${dark[@]}"
		shot 4 "0 60 1400" duarte.0*100 duarte.1*100
		shot 2 "0 0 1600" "${control[@]}"
		cut_clip
	fi
	# The clean pictures and the package are one edit; only the package has type on it.
	local summit
	for summit in MC-20260707-V-0412 MC-20260707-V-0413; do
		wanted $summit "$@" || continue
		clip $summit 1920x1080 mp4 sea
		if [ $summit = MC-20260707-V-0413 ]; then
			local font=/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf thin=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
			local bar="drawbox=x=110:y=850:w=820:h=128:color=0x0b2a4a@.88:t=fill" edge="drawbox=x=110:y=850:w=12:h=128:color=0xf2a33a:t=fill"
			graphics="$bar:enable='between(t,5,7.98)',$edge:enable='between(t,5,7.98)',drawtext=fontfile=$font:text='Ilse Marrow':x=150:y=868:fontsize=46:fontcolor=white:enable='between(t,5,7.98)',drawtext=fontfile=$thin:text='Secretary General, Meridian Council':x=150:y=926:fontsize=32:fontcolor=0xd5dbe0:enable='between(t,5,7.98)',$bar:enable='lt(t,1.98)',$edge:enable='lt(t,1.98)',drawtext=fontfile=$font:text='Resilience Summit':x=150:y=868:fontsize=46:fontcolor=white:enable='lt(t,1.98)',drawtext=fontfile=$thin:text='Port Hale, 7 July 2026':x=150:y=926:fontsize=32:fontcolor=0xd5dbe0:enable='lt(t,1.98)'"
			poster "100 100 1200" speaker.0 speaker.1 speaker.2
		else
			poster "0 0 1600" congress.0 congress.1 congress.sea congress.sea2 congress.2 congress.flags
		fi
		shot 2 "0 0 1600" "${congress[@]}"
		shot 3 "0 0 1600" "${cars[@]}"
		shot 3 "100 100 1200" "${speaker[@]}"
		shot 2 "0 0 1600" "${press[@]}"
		cut_clip
		[ $summit = MC-20260707-V-0413 ] || { still arrivals 3.5; still marrow 6.5; }
	done
	if wanted MC-20260914-V-0498 "$@"; then
		clip MC-20260914-V-0498 1920x1080 mov hall
		poster "0 0 1600" hall.0 hall.1 hall.light hall.2
		shot 3 "0 0 1600" "${hall[@]}"
		shot 4 "100 100 1200" "${speaker[@]}"
		shot 3 "0 0 1600" "${lecterns[@]}"
		cut_clip
	fi
	if wanted MC-20261022-V-0577 "$@"; then
		clip MC-20261022-V-0577 1280x720 mp4 machine
		poster "0 0 1600" site.0 site.1 site.rig site.2
		shot 4 "0 0 1600" "${site[@]}"
		shot 2 "400 150 640" site.0 site.1 site.rig*50 site.2
		shot 2 "0 0 1600" "${river[@]}"
		cut_clip
	fi
	if wanted MC-20261118-V-0631 "$@"; then
		clip MC-20261118-V-0631 1280x720 mp4 machine
		poster "0 0 1600" control.0 control.1 control.2
		shot 4 "0 0 1600" "${control[@]}"
		shot 2 "500 120 700" control.0 control.1*100
		shot 2 "0 0 1600" "${torvika[@]}"
		cut_clip
	fi
}

# photos: one line a picture. Bundles keep theirs; what several articles show is in static/images.
photos() {
	local news=content/news images=static/images p
	pic() { # FILE PHASE "WINDOW" LAYERS...
		wanted "$(basename "$1" .jpg)" ${only[@]+"${only[@]}"} || return 0
		phase=$2 photo "$1" 120 "$3" 1600x900 "${@:4}"
	}
	local only=("$@")
	for p in ilse-marrow ana-duarte mathieu-lacombe signe-aldahl vesna-koral noor-haddad edda-lindqvist colm-farrell; do
		pic $images/speakers/$p.jpg 0 "0 0 1600" $p.0
	done
	pic $images/lock.jpg 0 "0 0 1600" lock.0 lock.1 lock.flags lock.2
	pic $images/table.jpg 0 "0 0 1600" table.0
	pic $images/ledger.jpg 0 "60 90 1440" ledger.0
	pic $images/globe.jpg 0 "0 0 1600" globe.0
	pic $images/river.jpg 0 "0 0 1600" river.0 river.1 river.sea river.2
	pic $images/flood.jpg 0 "0 0 1600" flood.0 flood.1
	pic $images/gauge.jpg .1 "0 0 1600" gauge.0 gauge.sea gauge.1 gauge.wave
	pic $images/cape.jpg .04 "0 0 1600" cape.0 cape.beam cape.sea cape.1
	pic $images/blackout.jpg .58 "0 0 1600" dark.0 dark.1 dark.lit dark.2
	pic $images/cable-ship.jpg 0 "0 0 1600" cableship.0 cableship.sea cableship.ship cableship.sea2
	pic $images/press-room.jpg .76 "0 0 1600" press.0 press.1 press.2 press.flash
	pic $images/signing.jpg 0 "0 0 1600" signing.0 signing.flags signing.1 signing.2
	pic $images/secretary-general.jpg 0 "100 100 1200" speaker.0 speaker.1 speaker.2
	pic $images/press-conference.jpg .3 "0 0 1600" lecterns.0 lecterns.1 lecterns.koralflags lecterns.koral
	pic $images/substation.jpg .6 "200 200 1200" torvika.0 torvika.1 torvika.2 torvika.steam torvika.snow
	pic $news/2025/01/ordena-depot-opens/depot.jpg .1 "0 0 1600" depot.0 depot.hook depot.1 depot.2
	pic $news/2025/01/ordena-depot-opens/plate.jpg 0 "560 480 560" depot.0 depot.1 depot.2
	pic $news/2025/09/ravnsholm-depot-opens/quay.jpg .5 "0 0 1600" loading.0 loading.ship loading.1 loading.people
	pic $news/2026/02/first-transformers-leave-ravnsholm/loading.jpg .2 "0 0 1600" loading.0 loading.ship loading.hook loading.1 loading.people loading.2
	pic $news/2026/02/first-transformers-leave-ravnsholm/crew.jpg .2 "200 480 720" loading.0 loading.ship loading.hook loading.1 loading.people loading.2
	pic $news/2026/07/resilience-summit-declaration/harbour.jpg .2 "0 0 1600" congress.0 congress.1 congress.sea congress.sea2 congress.2 congress.flags
	pic $news/2026/07/resilience-summit-declaration/arrivals.jpg 0 "0 0 1600" cars.0 cars.1 cars.move cars.2
	pic $news/2026/09/parliamentary-assembly-norrvik/assembly-hall.jpg .1 "0 0 1600" hall.0 hall.1 hall.light hall.2
	pic $news/2026/09/parliamentary-assembly-norrvik/lecterns.jpg .4 "0 0 1600" lecterns.0 lecterns.1 lecterns.flags lecterns.2
	pic $news/2026/09/parliamentary-assembly-norrvik/torvika.jpg .3 "0 0 1600" torvika.0 torvika.1 torvika.2 torvika.steam torvika.snow
	pic $news/2026/10/dravna-depot-first-pile/rig.jpg .4 "0 0 1600" site.0 site.1 site.rig site.2
	pic $news/2026/10/dravna-depot-first-pile/low-water.jpg 0 "240 360 960" river.0 river.1 river.sea river.2
	pic $news/2026/11/amal-morane-1-permit/asteria.jpg .4 "120 130 1280" cableship.0 cableship.sea cableship.ship cableship.sea2
	pic $news/2026/12/winter-outlook/control-room.jpg .3 "0 0 1600" control.0 control.1 control.2
}

case ${1:-all} in
all) clips; photos ;;
clips) shift; clips "$@" ;;
photos) shift; photos "$@" ;;
*) sed -n '4,6s/^# *//p' internal/newsroom/make-clips.sh >&2; exit 2 ;;
esac
