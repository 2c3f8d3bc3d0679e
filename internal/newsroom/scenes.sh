# The pictures of the example newsroom, as SVG drawn by the shell.
#
# A scene is a set of functions NAME_LAYER, each printing the SVG of one layer
# on a canvas of 1600 by 900; layers reach past the edges so that the camera can
# move. A layer that moves by itself reads its phase from $T, which runs from 0
# up to 1 and then begins again. Everything is drawn from seeds: the same script
# gives the same picture.

ink=#0b1b2e deep=#0b2a4a blue=#0b4f9e steel=#2f4459 slate=#5b6b7a mist=#a9b7c4
haze=#d5dbe0 paper=#eee8df warm=#b9b0a4 amber=#f2a33a ember=#d9772b snow=#f4f6f8
skin1=#e3b899 skin2=#c99872 skin3=#a9764f

T=0

# defs are the filters every layer may use.
defs() {
	cat <<-'SVG'
	<defs>
	<filter id="b2" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="2"/></filter>
	<filter id="b8" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="8"/></filter>
	<filter id="b30" x="-100%" y="-100%" width="300%" height="300%"><feGaussianBlur stdDeviation="30"/></filter>
	</defs>
	SVG
}

# sky TOP MIDDLE BOTTOM fills the canvas.
sky() {
	cat <<-SVG
	<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="$1"/><stop offset=".55" stop-color="$2"/><stop offset="1" stop-color="$3"/></linearGradient>
	<rect x="-400" y="-50" width="2400" height="1000" fill="url(#sky)"/>
	SVG
}

# clouds SEED OPACITY Y HEIGHT: streaks of white, from fractal noise.
clouds() {
	cat <<-SVG
	<filter id="cl$1" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency=".0025 .011" numOctaves="5" seed="$1"/><feColorMatrix values="0 0 0 0 1  0 0 0 0 .97  0 0 0 0 .93  2 0 0 0 -.85"/></filter>
	<linearGradient id="cm$1" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#000"/><stop offset=".35" stop-color="#fff"/><stop offset=".7" stop-color="#fff"/><stop offset="1" stop-color="#000"/></linearGradient>
	<mask id="ck$1"><rect x="-400" y="$3" width="2400" height="$4" fill="url(#cm$1)"/></mask>
	<g mask="url(#ck$1)"><rect x="-400" y="$3" width="2400" height="$4" filter="url(#cl$1)" opacity="$2"/></g>
	SVG
}

# glints SEED Y HEIGHT OPACITY COLOUR-MATRIX-RGB: light on water below Y.
glints() {
	cat <<-SVG
	<filter id="gl$1" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency=".006 .075" numOctaves="3" seed="$1"/><feColorMatrix values="0 0 0 0 ${5%% *}  0 0 0 0 $(echo "$5" | cut -d' ' -f2)  0 0 0 0 ${5##* }  3.4 0 0 0 -1.75"/></filter>
	<rect x="-400" y="$2" width="2400" height="$3" filter="url(#gl$1)" opacity="$4"/>
	SVG
}

# ridge BASE AMPLITUDE ROUGHNESS SEED FILL: hills; roughness 0 rolls, 1 is rock.
ridge() {
	awk -v b="$1" -v a="$2" -v r="$3" -v s="$4" -v f="$5" 'function n(i){i=sin(i*127.1+s*311.7)*43758.5453; return i-int(i)}
	BEGIN{printf "<path fill=\"%s\" d=\"M-400,960", f
	for(x=-400;x<=2000;x+=16){y=b-a*(.55*sin(x/310+s)+.3*sin(x/127+s*2.3)+.15*sin(x/61+s*4.1))-a*r*.35*n(x)-a*r*.3*n(int(x/64)); printf " L%d,%.1f",x,y}
	print " L2000,960 Z\"/>"}'
}

# stars COUNT SEED
stars() {
	awk -v c="$1" -v s="$2" 'function n(i){i=sin(i*91.7+s*47.3)*43758.5453; i-=int(i); return i<0?-i:i}
	BEGIN{for(i=1;i<=c;i++) printf "<circle cx=\"%.0f\" cy=\"%.0f\" r=\"%.1f\" fill=\"#fff\" opacity=\"%.2f\"/>\n", n(i)*2000-200, n(i+500)*480, .6+n(i+900)*1.3, .2+n(i+1300)*.6}'
}

# skyline BASE MIN MAX SEED FILL LIT: houses; LIT of a hundred windows shine.
skyline() {
	awk -v b="$1" -v lo="$2" -v hi="$3" -v s="$4" -v f="$5" -v lit="$6" 'function n(i){i=sin(i*127.1+s*311.7)*43758.5453; i-=int(i); return i<0?-i:i}
	BEGIN{for(x=-400;x<2000;x+=w){k++; w=46+int(n(k)*70); h=lo+n(k+77)*(hi-lo)
	printf "<path fill=\"%s\" d=\"M%d,960V%.0f",f,x,b-h; if(n(k+31)>.6) printf "l%.0f,-%d",w/2,18+n(k+3)*22; printf "L%d,%.0fV960Z\"/>\n",x+w,b-h
	for(yy=b-h+12;yy<b-8;yy+=20) for(xx=x+8;xx<x+w-10;xx+=15) if(n(xx*3.1+yy*7.7)*100<lit) printf "<rect x=\"%d\" y=\"%.0f\" width=\"7\" height=\"10\" fill=\"%s\" opacity=\"%.2f\"/>\n",xx,yy,(n(xx+yy)>.75?"#ffe2b0":"#f2a33a"),.45+n(xx*yy)*.5}}'
}

# pylon X Y HEIGHT COLOUR: a lattice mast standing at X, Y.
pylon() {
	awk -v x="$1" -v y="$2" -v h="$3" -v c="$4" 'BEGIN{w=h*.16; printf "<g stroke=\"%s\" stroke-width=\"%.1f\" fill=\"none\" stroke-linecap=\"round\">",c,h/110
	printf "<path d=\"M%.1f,%.1fL%.1f,%.1fL%.1f,%.1f\"/>",x-w,y,x,y-h,x+w,y
	for(i=0;i<6;i++){a=i/7;b=(i+1)/7; printf "<path d=\"M%.1f,%.1fL%.1f,%.1fM%.1f,%.1fL%.1f,%.1f\"/>",x-w*(1-a),y-h*a,x+w*(1-b),y-h*b,x+w*(1-a),y-h*a,x-w*(1-b),y-h*b}
	for(i=0;i<3;i++){q=h*(.68+.11*i); l=h*(.26-.05*i); printf "<path d=\"M%.1f,%.1fH%.1fM%.1f,%.1fv%.1fM%.1f,%.1fv%.1f\"/>",x-l,y-q,x+l,x-l,y-q,h*.05,x+l,y-q,h*.05}
	print "</g>"}'
}

# wires X1 X2 Y HEIGHT COLOUR: the lines between two equal pylons.
wires() {
	awk -v x1="$1" -v x2="$2" -v y="$3" -v h="$4" -v c="$5" 'BEGIN{printf "<g stroke=\"%s\" stroke-width=\"1.6\" fill=\"none\">",c
	for(i=0;i<3;i++) for(s=-1;s<=1;s+=2){q=y-h*(.63+.11*i); l=s*h*(.26-.05*i); printf "<path d=\"M%.1f,%.1fQ%.1f,%.1f %.1f,%.1f\"/>",x1+l,q,(x1+x2)/2+l,q+h*.28,x2+l,q}
	print "</g>"}'
}

# transformer X Y SCALE BODY TRIM: a large power transformer, feet at X, Y.
transformer() {
	cat <<-SVG
	<g transform="translate($1 $2) scale($3)">
	<rect x="-150" y="-14" width="300" height="14" fill="$ink"/>
	<rect x="-130" y="-170" width="260" height="158" rx="4" fill="$4"/>
	<g fill="$5" opacity=".55"><rect x="-120" y="-150" width="12" height="126"/><rect x="-100" y="-150" width="12" height="126"/><rect x="-80" y="-150" width="12" height="126"/><rect x="68" y="-150" width="12" height="126"/><rect x="88" y="-150" width="12" height="126"/><rect x="108" y="-150" width="12" height="126"/></g>
	<rect x="-52" y="-140" width="104" height="70" fill="$5" opacity=".25"/><rect x="-30" y="-128" width="60" height="26" fill="$amber"/>
	<rect x="-96" y="-232" width="150" height="36" rx="18" fill="$4"/><rect x="-60" y="-198" width="8" height="30" fill="$4"/><rect x="20" y="-198" width="8" height="30" fill="$4"/>
	<g fill="$5"><path d="M-112,-170l6,-96h8l6,96z"/><path d="M64,-170l6,-112h8l6,112z"/><path d="M100,-170l6,-112h8l6,112z"/></g>
	<g fill="$ink" opacity=".4"><rect x="60" y="-262" width="26" height="5"/><rect x="60" y="-244" width="26" height="5"/><rect x="60" y="-226" width="26" height="5"/><rect x="96" y="-262" width="26" height="5"/><rect x="96" y="-244" width="26" height="5"/><rect x="96" y="-226" width="26" height="5"/></g>
	</g>
	SVG
}

# flag X Y WIDTH COLOUR COLOUR COLOUR: a flag of three bands in the wind at phase $T.
flag() {
	awk -v x="$1" -v y="$2" -v w="$3" -v c1="$4" -v c2="$5" -v c3="$6" -v t="$T" 'function v(i){return .09*w*(i/12)*sin(6.2832*(i/12*1.1-t)+x/90)}
	BEGIN{split(c1" "c2" "c3,c," "); h=w*.62/3; for(b=0;b<3;b++){printf "<path fill=\"%s\" d=\"M%.1f,%.1f",c[b+1],x,y+b*h
	for(i=1;i<=12;i++) printf " L%.1f,%.1f",x+i*w/12,y+b*h+v(i); for(i=12;i>=0;i--) printf " L%.1f,%.1f",x+i*w/12,y+(b+1)*h+.5+v(i); print "Z\"/>"}
	for(i=1;i<12;i++){q=(v(i+1)-v(i-1)); if(q>0) printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#000\" opacity=\"%.2f\"/>",x+(i-.5)*w/12,y+v(i),w/12,h*3,q/w*1.6}}'
}

pole() { echo "<rect x=\"$(($1 - 3))\" y=\"$(($2 - 8))\" width=\"4\" height=\"$3\" fill=\"$4\"/><circle cx=\"$(($1 - 1))\" cy=\"$(($2 - 10))\" r=\"5\" fill=\"$amber\"/>"; }

# bust X Y SCALE HAIR-STYLE HAIR SKIN COAT ACCENT: a person without a face;
# styles: short bob long tied curly crop none.
bust() {
	local hair
	case $4 in
	short) hair='M-62,-250C-70,-330 70,-330 62,-250C66,-220 58,-214 54,-236C40,-280 -34,-284 -52,-240C-58,-214 -66,-220 -62,-250Z' ;;
	bob) hair='M-66,-190C-88,-345 88,-345 66,-190C60,-176 46,-186 48,-236C30,-270 -30,-266 -48,-236C-46,-186 -60,-176 -66,-190Z' ;;
	long) hair='M-72,-110C-104,-350 104,-350 72,-110C60,-96 44,-120 50,-236C24,-276 -36,-262 -50,-230C-44,-120 -60,-96 -72,-110Z' ;;
	tied) hair='M-58,-244C-66,-326 66,-326 58,-244C52,-268 30,-282 0,-282C-30,-282 -52,-268 -58,-244ZM40,-292C86,-310 92,-250 66,-226C74,-250 66,-276 40,-292Z' ;;
	curly) hair='M-60,-206C-96,-214 -92,-262 -70,-266C-82,-304 -44,-326 -22,-310C-6,-336 34,-328 38,-306C72,-314 88,-276 70,-260C96,-244 88,-208 60,-206C64,-230 52,-250 46,-256C20,-270 -24,-268 -46,-252C-52,-244 -62,-230 -60,-206Z' ;;
	crop) hair='M-56,-240C-60,-318 60,-318 56,-240C50,-262 36,-272 0,-272C-36,-272 -50,-262 -56,-240Z' ;;
	esac
	cat <<-SVG
	<g transform="translate($1 $2) scale($3)">
	$([ "$4" = long ] && echo "<path fill=\"$5\" d=\"M-66,-250C-90,-60 90,-60 66,-250Z\"/>")
	<path fill="$6" d="M-24,-190h48v70h-48z"/><path fill="#000" opacity=".16" d="M-24,-172c14,22 34,22 48,0v26c-16,10 -32,10 -48,0z"/>
	<path fill="$7" d="M-170,20C-172,-84 -104,-112 -34,-132C-16,-104 16,-104 34,-132C104,-112 172,-84 170,20L158,150H-158Z"/>
	<path fill="$8" d="M-34,-132L0,-70L34,-132C18,-112 -18,-112 -34,-132Z"/>
	<path fill="#000" opacity=".14" d="M0,-70L34,-132L60,-122L22,150H-2Z"/>
	<ellipse cx="0" cy="-232" rx="50" ry="60" fill="$6"/>
	<path fill="$5" d="$hair"/>
	</g>
	SVG
}

# lectern X Y SCALE COLOUR: with two microphones and the Council's mark.
lectern() {
	cat <<-SVG
	<g transform="translate($1 $2) scale($3)">
	<path fill="$4" d="M-92,0L-78,-150H78L92,0Z"/><path fill="#000" opacity=".18" d="M-92,0L-78,-150H-40L-50,0Z"/><rect x="-98" y="-166" width="196" height="18" rx="3" fill="$4"/><rect x="-98" y="-166" width="196" height="5" fill="#fff" opacity=".18"/>
	<g fill="none" stroke="$haze" stroke-width="3.2"><circle cx="0" cy="-74" r="30"/><path d="M0,-104v60M-30,-74h60M0,-104c-24,14 -24,46 0,60M0,-104c24,14 24,46 0,60"/></g>
	<g stroke="$ink" stroke-width="4" fill="none"><path d="M-24,-166C-30,-200 -22,-210 -10,-218M24,-166C30,-200 22,-210 10,-218"/></g><circle cx="-8" cy="-220" r="7" fill="$ink"/><circle cx="8" cy="-220" r="7" fill="$ink"/>
	</g>
	SVG
}

# crowd Y ROWS SPACING SEED COLOUR: heads from behind, nearest row largest.
crowd() {
	awk -v y="$1" -v r="$2" -v g="$3" -v s="$4" -v c="$5" 'function n(i){i=sin(i*127.1+s*311.7)*43758.5453; i-=int(i); return i<0?-i:i}
	BEGIN{for(k=0;k<r;k++){z=1+k*.45; for(x=-300;x<1950;x+=g*z){j++; px=x+n(j)*g*.3*z; py=y+k*58*z*.62+n(j+50)*7*z; o=.5+.5*k/(r>1?r-1:1)
	printf "<g opacity=\"%.2f\" fill=\"%s\"><circle cx=\"%.0f\" cy=\"%.0f\" r=\"%.1f\"/><path d=\"M%.0f,%.0fq%.1f,%.1f %.1f,0v%.0fh%.1fz\"/></g>\n",o,c,px,py,13*z,px-25*z,py+44*z,25*z,-62*z,50*z,80*z,-50*z}}}'
}

# glow X Y RADIUS COLOUR OPACITY
glow() { echo "<radialGradient id=\"gw$1-$2\"><stop offset=\"0\" stop-color=\"$4\"/><stop offset=\".4\" stop-color=\"$4\" stop-opacity=\".45\"/><stop offset=\"1\" stop-color=\"$4\" stop-opacity=\"0\"/></radialGradient><circle cx=\"$1\" cy=\"$2\" r=\"$(($3 * 2))\" fill=\"url(#gw$1-$2)\" opacity=\"$5\"/>"; }
rect() { echo "<rect x=\"$1\" y=\"$2\" width=\"$3\" height=\"$4\" fill=\"$5\"${6:+ opacity=\"$6\"}/>"; }

# snowfall DENSITY SEED: tiles vertically every 900, so a layer can fall for ever.
snowfall() {
	awk -v c="$1" -v s="$2" 'function n(i){i=sin(i*91.7+s*47.3)*43758.5453; i-=int(i); return i<0?-i:i}
	BEGIN{for(i=1;i<=c;i++) for(k=-2;k<2;k++) printf "<circle cx=\"%.0f\" cy=\"%.0f\" r=\"%.1f\" fill=\"#fff\" opacity=\"%.2f\"/>\n", n(i)*2000-200, n(i+500)*900+k*900, 1+n(i+900)*2.6, .25+n(i+1300)*.5}'
}

## congress: the congress centre at Port Hale, from across the basin, at dawn
congress_0() { sky "$deep" "#4d7196" "#f0c48c"; glow 1180 560 190 "$amber" .75; clouds 7 .55 40 420; ridge 600 22 0 4 "#6f86a0"; skyline 640 20 74 9 "#587089" 5; }
congress_1() {
	rect -400 640 2400 300 "#3d566f"
	echo "<path fill=\"$steel\" d=\"M260,640V430L340,396H1260L1340,430V640Z\"/><path fill=\"$haze\" d=\"M220,430L340,380H1260L1380,430Z\"/>"
	awk -v a="$amber" 'BEGIN{for(i=0;i<34;i++){x=284+i*31; printf "<rect x=\"%d\" y=\"446\" width=\"22\" height=\"180\" fill=\"%s\" opacity=\"%.2f\"/>",x,(i*7%5<3?"#ffdca6":"#9fb6cc"),.35+.4*((i*13)%7)/7; printf "<rect x=\"%d\" y=\"432\" width=\"5\" height=\"208\" fill=\"#e8e2d8\"/>",x+23}}'
	rect 240 624 1120 20 "$warm"; rect -400 644 2400 26 "#8a8379"
	rect 284 672 1040 110 "#f0c48c" .14
}
congress_2() { local i; for i in 0 1 2 3 4 5 6 7 8; do pole $((220 + i * 145)) 360 300 "$haze"; done; }
congress_flags() {
	local i c=("$blue #ffffff $amber" "$snow $blue $snow" "#7a2b34 $snow #7a2b34" "$amber $snow $steel" "$blue #9fc3e6 $snow" "#2f6b57 $snow $ember" "$ink $amber $ink" "$snow #7a2b34 $snow" "$blue #ffffff $amber")
	for i in 0 1 2 3 4 5 6 7 8; do flag $((222 + i * 145)) 362 78 ${c[$i]}; done
}
congress_sea() { glints 5 672 240 .75 "1 .82 .6"; }
congress_sea2() { glints 23 690 240 .5 ".75 .85 1"; }

## cars: the drive in front of the centre, seen from the steps
cars_0() { sky "#6d8098" "#b9b8b4" "#e9d9c3"; clouds 12 .5 0 330; skyline 420 30 120 3 "#8795a3" 8; rect -400 420 2400 540 "#737b83"; awk 'BEGIN{for(i=0;i<30;i++) printf "<rect x=\"%d\" y=\"300\" width=\"7\" height=\"130\" fill=\"#55636f\"/>",-380+i*80}'; rect -400 296 2400 10 "#55636f"; }
cars_1() { rect -400 560 2400 90 "#5c646c"; rect -400 642 2400 8 "$haze" .6; rect -400 650 2400 300 "#9b9389"; awk 'BEGIN{for(i=0;i<24;i++) printf "<path d=\"M%d,650l-90,260\" stroke=\"#8a8379\" stroke-width=\"3\"/>",-300+i*100}'; }
cars_move() {
	local x
	for x in -250 420 1090; do
		echo "<g transform=\"translate($x 640)\"><ellipse cx=\"165\" cy=\"4\" rx=\"190\" ry=\"12\" opacity=\".35\"/><path fill=\"$ink\" d=\"M0,-6C-4,-40 8,-56 54,-62L98,-104C112,-116 210,-116 232,-102L276,-64C320,-58 334,-44 330,-6Z\"/><path fill=\"#8fa6bb\" opacity=\".8\" d=\"M74,-64L108,-98C118,-106 158,-106 160,-106V-64ZM172,-64V-106C200,-106 216,-102 224,-96L256,-64Z\"/><circle cx=\"66\" cy=\"-6\" r=\"26\" fill=\"#06101c\"/><circle cx=\"66\" cy=\"-6\" r=\"12\" fill=\"$slate\"/><circle cx=\"264\" cy=\"-6\" r=\"26\" fill=\"#06101c\"/><circle cx=\"264\" cy=\"-6\" r=\"12\" fill=\"$slate\"/><circle cx=\"326\" cy=\"-38\" r=\"9\" fill=\"#fff3d6\"/><path fill=\"$blue\" d=\"M300,-84h34v22h-34z\"/><rect x=\"297\" y=\"-88\" width=\"3\" height=\"32\" fill=\"$haze\"/></g>"
	done
}
cars_2() { bust 180 900 1.15 crop "$ink" "$skin2" "#1c2733" "$haze"; bust 1440 910 1.2 bob "#3a2a22" "$skin1" "$blue" "$paper"; }

## press: photographers behind the rope; flashes go off by phase
press_0() { sky "#101d2c" "#1f3347" "#31485e"; rect 500 120 600 330 "$deep"; echo "<g fill=\"none\" stroke=\"#8ab8ff\" stroke-width=\"6\" opacity=\".5\"><circle cx=\"800\" cy=\"285\" r=\"110\"/><path d=\"M800,175v220M690,285h220M800,175c-88,50 -88,170 0,220M800,175c88,50 88,170 0,220\"/></g>"; glow 800 290 260 "#3f78c2" .35; }
press_1() { crowd 560 2 120 21 "#0a1420"; }
press_2() {
	local i x
	for i in 0 1 2 3 4 5; do
		x=$((90 + i * 270))
		echo "<g transform=\"translate($x $((610 + i % 3 * 34)))\" fill=\"#060d16\"><circle cx=\"60\" cy=\"66\" r=\"44\"/><path d=\"M-40,330C-44,190 0,140 60,130C120,140 170,190 166,330Z\"/><rect x=\"-6\" y=\"40\" width=\"96\" height=\"62\" rx=\"8\"/><rect x=\"20\" y=\"22\" width=\"44\" height=\"22\" rx=\"4\"/><circle cx=\"42\" cy=\"70\" r=\"27\" fill=\"#13202f\"/><circle cx=\"42\" cy=\"70\" r=\"16\" fill=\"#2f4459\"/></g>"
	done
}
press_flash() {
	awk -v t="$T" 'BEGIN{split("132 402 672 942 1212 1482",x," "); for(i=1;i<=6;i++){d=t-((i*37)%50)/50; if(d<0)d+=1; o=d<.16?1-d/.16:0; if(o>0) printf "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"#fff\" opacity=\"%.2f\" filter=\"url(#b30)\"/><circle cx=\"%d\" cy=\"%d\" r=\"12\" fill=\"#fff\" opacity=\"%.2f\"/>",x[i],640+((i-1)%3)*34,90,o*.7,x[i],640+((i-1)%3)*34,o}}'
}

## hall: the chamber of the Landsting, from the back rows
hall_0() {
	sky "#2a2622" "#574b40" "#3a3029"
	awk 'BEGIN{for(i=0;i<9;i++) printf "<rect x=\"%d\" y=\"40\" width=\"16\" height=\"500\" fill=\"#6d5d4f\"/>",-340+i*280}'
	echo "<linearGradient id=\"win\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\"><stop offset=\"0\" stop-color=\"#dfeaf3\"/><stop offset=\"1\" stop-color=\"#f6dcae\"/></linearGradient>"
	awk 'BEGIN{for(i=0;i<5;i++){x=440+i*150; printf "<path fill=\"url(#win)\" d=\"M%d,430V150a55,55 0 0 1 110,0V430Z\"/><path d=\"M%d,95V430M%d,200h110M%d,315h110\" stroke=\"#574b40\" stroke-width=\"6\"/>",x,x+55,x,x}}'
	rect -400 430 2400 130 "#473a30"; rect 560 400 480 60 "#5c4a3c"
}
hall_light() { awk -v t="$T" 'BEGIN{o=.16+.05*sin(6.2832*t); for(i=0;i<5;i++){x=440+i*150; printf "<path fill=\"#ffe9c4\" opacity=\"%.3f\" d=\"M%d,150h110L%d,900h-190Z\"/>",o,x,x-60}}'; }
hall_1() { bust 800 472 .42 short "#b9bec4" "$skin1" "$deep" "$snow"; lectern 800 500 .62 "#3b2c22"; }
hall_2() { crowd 520 4 74 5 "#17120e"; }

## speaker: the Secretary General at a lectern, chest up
speaker_0() { sky "#0a2240" "#123a69" "#0e2a4b"; echo "<g fill=\"none\" stroke=\"#8ab8ff\" stroke-width=\"5\" opacity=\".22\"><circle cx=\"1130\" cy=\"330\" r=\"330\"/><path d=\"M1130,0v660M800,330h660M1130,0c-264,150 -264,510 0,660M1130,0c264,150 264,510 0,660M850,160h560M850,500h560\"/></g>"; glow 640 300 260 "#5f9be0" .4; }
speaker_1() { awk -v t="$T" 'BEGIN{printf "<g transform=\"translate(%.2f %.2f)\">", 5*sin(6.2832*t), 3*sin(12.566*t)}'; bust 640 800 1.75 short "#b9bec4" "$skin1" "#0b1f3a" "$snow"; echo "</g>"; }
speaker_2() { lectern 640 1020 2 "#24384d"; }

## duarte: the Deputy Secretary General in an operations room
duarte_0() { sky "#0d1620" "#182836" "#101b26"; control_screen; echo "<rect x=\"-400\" y=\"-50\" width=\"2400\" height=\"1000\" fill=\"#0d1620\" opacity=\".35\"/>"; }
duarte_1() { awk -v t="$T" 'BEGIN{printf "<g transform=\"translate(%.2f %.2f)\">", 4*sin(6.2832*t), 2.5*sin(12.566*t)}'; bust 560 850 1.9 long "#2b1d17" "$skin2" "#2c3947" "$amber"; echo "</g>"; }

## lacombe: the Director for Energy on the deck of the cable ship
lacombe_1() { awk -v t="$T" 'BEGIN{printf "<g transform=\"translate(%.2f %.2f)\">", 4*sin(6.2832*t), 6*sin(6.2832*t+1)}'; bust 1010 860 1.85 crop "#3a2f29" "$skin1" "#3f4d5a" "$haze"; echo "<g transform=\"translate(1010 860) scale(1.85)\"><path fill=\"#3a2f29\" d=\"M-48,-232C-48,-150 48,-150 48,-232C38,-204 20,-212 0,-212C-20,-212 -38,-204 -48,-232Z\"/><g fill=\"none\" stroke=\"#1b1512\" stroke-width=\"4\"><circle cx=\"-20\" cy=\"-240\" r=\"15\"/><circle cx=\"20\" cy=\"-240\" r=\"15\"/><path d=\"M-5,-240h10\"/></g></g></g>"; }

## lecterns: two speakers, two lecterns, two flags
lecterns_0() { sky "#c9cfd4" "#e4e1da" "#c9c0b4"; awk 'BEGIN{for(i=0;i<12;i++) printf "<path d=\"M%d,-40V720\" stroke=\"#b7b0a4\" stroke-width=\"3\"/>",-380+i*210}'; rect -400 700 2400 260 "#8b8073"; rect -400 696 2400 8 "#6e6559"; }
lecterns_1() { local i; for i in 180 400 1180 1400; do pole $i 150 560 "#6e6559"; done; }
lecterns_flags() { flag 182 152 150 "$blue" "$snow" "$blue"; flag 402 152 150 "$blue" "#ffffff" "$amber"; flag 1182 152 150 "$blue" "#ffffff" "$amber"; flag 1402 152 150 "$blue" "$snow" "$blue"; }
lecterns_2() { bust 560 730 .95 short "#b9bec4" "$skin1" "$deep" "$snow"; bust 1040 730 .95 tied "#d9bd84" "$skin1" "#d9d2c6" "$blue"; lectern 560 860 1.15 "$steel"; lectern 1040 860 1.15 "$steel"; }

lecterns_koralflags() { flag 182 152 150 "#2f6b57" "$snow" "$ember"; flag 402 152 150 "$blue" "#ffffff" "$amber"; flag 1182 152 150 "$blue" "#ffffff" "$amber"; flag 1402 152 150 "#2f6b57" "$snow" "$ember"; }
lecterns_koral() { bust 560 730 .95 short "#b9bec4" "$skin1" "$deep" "$snow"; bust 1040 730 .95 bob "#2b2320" "$skin1" "#3f5a55" "$paper"; lectern 560 860 1.15 "$steel"; lectern 1040 860 1.15 "$steel"; }

## depot: the hall of the reserve, nine machines waiting
depot_0() {
	sky "#cfd6dc" "#aab4bd" "#8c949b"
	awk 'BEGIN{for(i=0;i<10;i++){x=-360+i*240; printf "<path fill=\"#eef3f6\" opacity=\".85\" d=\"M%d,40h150l-30,120h-90z\"/>",x; printf "<rect x=\"%d\" y=\"-40\" width=\"14\" height=\"720\" fill=\"#76828d\"/>",x-50}; printf "<rect x=\"-400\" y=\"190\" width=\"2400\" height=\"34\" fill=\"#e2a13c\"/><rect x=\"-400\" y=\"222\" width=\"2400\" height=\"8\" fill=\"#8a5d1c\"/>"}'
	rect -400 640 2400 320 "#6b7075"
}
depot_hook() { awk -v t="$T" 'BEGIN{x=800+160*sin(6.2832*t); printf "<g transform=\"translate(%.1f 0)\"><rect x=\"-70\" y=\"176\" width=\"140\" height=\"44\" fill=\"#2f4459\"/><path d=\"M-30,220V380M30,220V380\" stroke=\"#1a2632\" stroke-width=\"5\"/><rect x=\"-48\" y=\"376\" width=\"96\" height=\"26\" fill=\"#f2a33a\"/><path d=\"M0,402v26a18,18 0 1 1 -18,18\" stroke=\"#1a2632\" stroke-width=\"9\" fill=\"none\"/></g>",x}'; }
depot_1() { local i; for i in 0 1 2 3 4 5; do transformer $((-240 + i * 400)) 690 1.05 "#7c8790" "#56616b"; done; }
depot_2() { local i; for i in 0 1 2; do transformer $((60 + i * 720)) 850 1.75 "#59656f" "#39444e"; done; rect -400 850 2400 110 "#4c5156"; rect -400 858 2400 10 "$amber" .8; }

## loading: a unit goes aboard at Ravnsholm, at night, in snow
loading_0() { sky "#050d18" "#0d2036" "#23405c"; ridge 520 60 .2 8 "#0f2338"; skyline 560 10 30 14 "#0c1b2c" 22; rect -400 556 2400 400 "#0a1828"; glints 31 560 400 .35 ".9 .75 .5"; }
loading_ship() { echo "<path fill=\"#11212f\" d=\"M120,560H1120L1060,720H230Z\"/><path fill=\"#7a2b34\" d=\"M214,690H1072L1060,720H230Z\"/><path fill=\"#d5dbe0\" d=\"M150,560V400H330V560Z\"/><path fill=\"#b4bdc6\" d=\"M170,400V340H300V400Z\"/>"; awk 'BEGIN{for(i=0;i<5;i++) for(j=0;j<4;j++) printf "<rect x=\"%d\" y=\"%d\" width=\"16\" height=\"12\" fill=\"#ffd48a\"/>",166+i*32,414+j*34}'; rect 700 220 34 340 "#e2a13c"; echo "<path d=\"M717,236L1010,130M717,330L1010,130\" stroke=\"#e2a13c\" stroke-width=\"16\"/>"; }
loading_hook() { awk -v t="$T" 'BEGIN{printf "<path d=\"M1006,132V%.1f\" stroke=\"#cfd6dc\" stroke-width=\"4\"/><g transform=\"translate(0 %.1f)\">",300+26*sin(6.2832*t),26*sin(6.2832*t)}'; echo "<path d=\"M1006,300L900,388M1006,300L1112,388\" stroke=\"#cfd6dc\" stroke-width=\"3\"/>"; transformer 1006 560 .82 "#6f7b86" "#4a5661"; echo "</g>"; }
loading_1() { rect -400 720 2400 240 "#1b232b"; rect -400 716 2400 10 "#e9eef2" .8; glow 1240 330 120 "#ffe7b8" .8; rect 1236 330 10 400 "#0b141d"; glow 420 330 120 "#ffe7b8" .6; echo "<path fill=\"#ffe7b8\" opacity=\".13\" d=\"M1240,330L900,900H1560Z\"/>"; }
loading_2() { snowfall 170 3; }
loading_people() { local x; for x in 330 420 1330; do echo "<g transform=\"translate($x 800)\" fill=\"#081019\"><circle cx=\"0\" cy=\"-112\" r=\"17\"/><path d=\"M-26,0C-30,-70 -24,-92 0,-94C24,-92 30,-70 26,0Z\"/><path fill=\"$amber\" d=\"M-24,-64h48v9h-48z\"/><path fill=\"$snow\" d=\"M-19,-118a19,19 0 0 1 38,0z\"/></g>"; done; }

## torvika: the substation under snow, one machine under lights
torvika_0() { sky "#1d2f4a" "#5c6f8a" "#d9b9a0"; clouds 16 .45 60 380; ridge 520 90 .5 6 "#6c7d94"; ridge 580 40 .2 2 "#aab7c6"; }
torvika_1() { wires -60 460 640 330 "#22303f"; wires 460 980 640 330 "#22303f"; wires 980 1500 640 330 "#22303f"; pylon -60 640 330 "#22303f"; pylon 460 640 330 "#22303f"; pylon 980 640 330 "#22303f"; pylon 1500 640 330 "#22303f"; ridge 640 14 0 3 "#e3e9ef"; }
torvika_2() { glow 820 560 200 "#ffe2a8" .75; transformer 820 770 1.35 "#5d6c7a" "#3b4855"; rect 530 560 8 220 "$ink"; rect 1110 560 8 220 "$ink"; glow 534 556 36 "#fff6dd" .95; glow 1114 556 36 "#fff6dd" .95; ridge 790 12 0 9 "#f4f6f8"; ridge 850 16 0 5 "#dfe6ee"; }
torvika_steam() { awk -v t="$T" 'BEGIN{for(i=0;i<7;i++){p=(i/7+t); p-=int(p); printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"#fff\" opacity=\"%.3f\" filter=\"url(#b8)\"/>",780+p*110+8*sin(i*3),450-p*190,12+p*40,.34*(1-p)}}'; }
torvika_snow() { snowfall 110 8; }

## cableship: the repair ship on station at first light
cableship_0() { sky "#21405f" "#7f97ac" "#f1d3a6"; glow 420 560 130 "#ffd08a" .9; clouds 19 .6 60 440; rect -400 580 2400 380 "#33526f"; glints 41 582 330 .5 "1 .85 .62"; }
cableship_ship() {
	awk -v t="$T" 'BEGIN{printf "<g transform=\"translate(0 %.2f) rotate(%.3f 860 620)\">",5*sin(6.2832*t),.5*sin(6.2832*t+.8)}'
	echo "<path fill=\"#16283b\" d=\"M360,560H1330L1290,676H450Z\"/><path fill=\"#d9772b\" d=\"M440,656H1298L1290,676H450Z\"/><path fill=\"$paper\" d=\"M980,560V430H1220V560ZM1020,430V370H1190V430Z\"/><rect x=\"1090\" y=\"280\" width=\"10\" height=\"90\" fill=\"#16283b\"/><path d=\"M1095,290L1270,560M1095,290L760,560\" stroke=\"#16283b\" stroke-width=\"2.5\"/><rect x=\"1030\" y=\"384\" width=\"150\" height=\"24\" fill=\"#2f4459\"/><path fill=\"#e2a13c\" d=\"M360,560L330,500H400L430,560Z\"/><circle cx=\"352\" cy=\"540\" r=\"44\" fill=\"none\" stroke=\"#e2a13c\" stroke-width=\"13\"/><circle cx=\"352\" cy=\"540\" r=\"10\" fill=\"#16283b\"/><g fill=\"#5b6b7a\"><circle cx=\"620\" cy=\"528\" r=\"56\"/><circle cx=\"780\" cy=\"528\" r=\"56\"/></g><g fill=\"none\" stroke=\"#16283b\" stroke-width=\"5\"><circle cx=\"620\" cy=\"528\" r=\"40\"/><circle cx=\"620\" cy=\"528\" r=\"22\"/><circle cx=\"780\" cy=\"528\" r=\"40\"/><circle cx=\"780\" cy=\"528\" r=\"22\"/></g></g>"
	echo "<path d=\"M310,548C300,620 296,700 290,960\" stroke=\"#101c29\" stroke-width=\"7\" fill=\"none\"/>"
}
cableship_sea() { glints 47 640 300 .7 "1 .9 .75"; }
cableship_sea2() { rect -400 700 2400 260 "#1d3850" .55; glints 53 690 270 .55 ".7 .82 .95"; }

## cape: the headland and its lighthouse at dusk
cape_0() { sky "#0a1930" "#2c4a6e" "#d08a5a"; stars 90 4; clouds 23 .35 200 340; rect -400 600 2400 360 "#1c3450"; glints 61 602 300 .45 "1 .7 .45"; }
cape_beam() { awk -v t="$T" 'BEGIN{a=6.2832*t; w=cos(a); o=.10+.42*(w>0?w*w*w:0); l=900*sin(a); printf "<path fill=\"#ffedc2\" opacity=\"%.3f\" filter=\"url(#b8)\" d=\"M1128,262L%.0f,%.0fL%.0f,%.0fZ\"/><circle cx=\"1128\" cy=\"262\" r=\"%.0f\" fill=\"#fff3d0\" opacity=\"%.2f\" filter=\"url(#b8)\"/>",o,1128-1400+l,140,1128-1400+l,390,18+26*(w>0?w:0),.9}'; }
cape_1() { echo "<path fill=\"#0c1826\" d=\"M780,960C820,720 900,640 960,600C1020,560 1090,520 1180,510C1330,500 1500,470 2000,440V960Z\"/><path fill=\"#e9e2d6\" d=\"M1104,520L1112,292H1144L1152,520Z\"/><path fill=\"#7a2b34\" d=\"M1108,420h40l2,44h-44zM1111,330h34l1.5,40h-37z\"/><rect x=\"1108\" y=\"286\" width=\"40\" height=\"8\" fill=\"#0c1826\"/><rect x=\"1114\" y=\"246\" width=\"28\" height=\"40\" fill=\"#ffe9b8\"/><path fill=\"#0c1826\" d=\"M1110,248L1128,226L1146,248Z\"/><path fill=\"#d5cdbf\" d=\"M1190,512V460H1330V504Z\"/><path fill=\"#4a3a34\" d=\"M1180,462L1260,428L1340,462Z\"/><rect x=\"1216\" y=\"474\" width=\"18\" height=\"18\" fill=\"$amber\"/><rect x=\"1280\" y=\"474\" width=\"18\" height=\"18\" fill=\"$amber\"/>"; }
cape_sea() { glints 67 640 300 .55 ".95 .7 .5"; }

## gauge: the tide gauge on the customs mole
gauge_0() { sky "#5d86ad" "#b9cbd8" "#f2e3c8"; clouds 29 .7 30 420; ridge 560 30 .3 7 "#9eb0bf"; rect -400 570 2400 390 "#3f6c8e"; glints 71 572 330 .6 "1 .97 .9"; }
gauge_sea() { glints 73 640 320 .6 ".85 .93 1"; }
gauge_1() { echo "<path fill=\"#b3a898\" d=\"M700,960V690L760,660H2000V960Z\"/><path fill=\"#cfc6b8\" d=\"M700,690L760,660H2000V690Z\"/><path fill=\"#8a8175\" d=\"M700,690H2000V704H700Z\"/><rect x=\"860\" y=\"300\" width=\"22\" height=\"370\" fill=\"#e9eef2\"/><rect x=\"820\" y=\"370\" width=\"104\" height=\"120\" rx=\"6\" fill=\"#d9dee2\"/><rect x=\"834\" y=\"386\" width=\"76\" height=\"46\" fill=\"$deep\"/><path d=\"M840,420q10,-26 20,-6t20,-8t20,4\" stroke=\"$amber\" stroke-width=\"4\" fill=\"none\"/><path fill=\"$blue\" d=\"M800,290h140l-16,-34h-108z\"/><rect x=\"868\" y=\"200\" width=\"5\" height=\"60\" fill=\"#5b6b7a\"/><path d=\"M846,214h50M852,202h38\" stroke=\"#5b6b7a\" stroke-width=\"4\"/><circle cx=\"871\" cy=\"340\" r=\"9\" fill=\"$ember\"/>"; echo "<rect x=\"560\" y=\"520\" width=\"46\" height=\"420\" fill=\"#f4f1ea\"/>"; awk 'BEGIN{for(i=0;i<20;i++) printf "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"10\" fill=\"%s\"/>",560,526+i*20,(i%5==0?46:(i%2?20:30)),(i%5==0?"#b3261e":"#16283b")}'; }
gauge_wave() { awk -v t="$T" 'BEGIN{printf "<path fill=\"#2f5a7c\" opacity=\".93\" d=\"M-400,960"; for(x=-400;x<=720;x+=20) printf " L%d,%.1f",x,730+14*sin(x/70-6.2832*t)+10*sin(6.2832*t)+5*sin(x/31+12.566*t); print " L720,960Z\"/>"}'; }

## river: the Sarn below Dravna; low water shows the bars
river_0() { sky "#7aa0bf" "#cbd6d8" "#f1e2c2"; clouds 37 .7 20 360; ridge 430 60 .4 3 "#9aabb4"; ridge 490 40 .2 5 "#7f9488"; ridge 540 26 .1 8 "#6b8272"; }
river_1() { rect -400 560 2400 400 "#7d8f6d"; echo "<path fill=\"#5f8aa8\" d=\"M900,560C1020,590 760,640 620,700C380,800 300,860 260,960H1700C1560,840 1280,760 1120,700C1000,650 1160,600 980,560Z\"/><path fill=\"#d9cba8\" d=\"M760,742C900,712 1040,742 1110,786C1180,830 960,850 840,822C730,796 680,764 760,742ZM420,900C520,850 640,862 690,900C720,930 460,950 420,900Z\"/>"; awk 'BEGIN{for(i=0;i<26;i++){x=-380+i*95; if(x>200&&x<1400&&i%3) continue; h=70+(i*37)%50; y=596+(i*53)%40; printf "<ellipse cx=\"%d\" cy=\"%d\" rx=\"13\" ry=\"%d\" fill=\"#45604d\"/>",x,y-h/2,h/2}}'; }
river_sea() { echo "<clipPath id=\"rv\"><path d=\"M900,560C1020,590 760,640 620,700C380,800 300,860 260,960H1700C1560,840 1280,760 1120,700C1000,650 1160,600 980,560Z\"/></clipPath><g clip-path=\"url(#rv)\">"; glints 79 562 400 .55 "1 .98 .9"; echo "</g>"; }
river_2() { echo "<path fill=\"#4d4338\" d=\"M-400,640C0,600 200,650 330,700L300,716C180,676 0,640 -400,690Z\" opacity=\".35\"/><rect x=\"300\" y=\"600\" width=\"20\" height=\"270\" fill=\"#f4f1ea\"/>"; awk 'BEGIN{for(i=0;i<13;i++) printf "<rect x=\"300\" y=\"%d\" width=\"%d\" height=\"8\" fill=\"%s\"/>",604+i*20,(i%5==0?20:10),(i%5==0?"#b3261e":"#16283b")}'; }

## flood: the same river on a night of high water
flood_0() { sky "#1b2530" "#3b4a58" "#5f6b74"; clouds 43 .4 0 420; skyline 600 60 190 31 "#222d38" 16; rect -400 596 2400 364 "#4a4f4d"; glints 83 598 360 .6 ".95 .8 .55"; }
flood_1() { awk 'BEGIN{for(i=0;i<9;i++){x=-300+i*260; printf "<rect x=\"%d\" y=\"430\" width=\"8\" height=\"240\" fill=\"#12181e\"/><circle cx=\"%d\" cy=\"426\" r=\"12\" fill=\"#ffdf9e\"/><rect x=\"%d\" y=\"690\" width=\"10\" height=\"180\" fill=\"#f2c46a\" opacity=\".25\"/>",x,x+4,x-1}}'; rect -400 660 2400 22 "#c9bfae"; awk 'BEGIN{for(r=0;r<3;r++) for(i=0;i<60;i++) printf "<ellipse cx=\"%d\" cy=\"%d\" rx=\"24\" ry=\"12\" fill=\"%s\"/>",-390+i*42+(r%2)*20,658-r*18,(i+r)%3?"#b5a68c":"#a3947a"}'; }

## dark: a city with one half switched off
dark_0() { sky "#040914" "#0a172a" "#1b2c42"; stars 150 9; ridge 560 40 .3 5 "#0b1625"; }
dark_1() { skyline 700 70 260 12 "#0a121d" 0; }
dark_lit() { echo "<g opacity=\"$(awk -v t="$T" 'BEGIN{printf "%.2f", t<.55?1:(t<.6?.35:(t<.64?.8:(t<.7?.12:.04)))}')\">"; skyline 700 70 260 12 "#0a121d" 26; echo "</g>"; }
dark_2() { skyline 900 60 230 27 "#060b12" 3; awk 'BEGIN{for(i=0;i<7;i++) printf "<circle cx=\"%d\" cy=\"852\" r=\"5\" fill=\"#fff1cf\" filter=\"url(#b2)\"/>",-200+i*310}'; }

## signing: the table in the old customs house
signing_0() { sky "#d9d0c2" "#c3b7a5" "#a2937f"; awk 'BEGIN{for(i=0;i<7;i++){x=-330+i*330; printf "<path fill=\"#eef2f4\" d=\"M%d,470V150a100,100 0 0 1 200,0V470Z\"/><path d=\"M%d,50V470M%d,230h200M%d,350h200\" stroke=\"#8f816d\" stroke-width=\"7\"/>",x,x+100,x,x}}'; echo "<g opacity=\".55\">"; echo "<path fill=\"#9fb0bd\" d=\"M330,470L480,300L560,380L530,470ZM660,470L760,270L860,470Z\"/></g>"; rect -400 470 2400 490 "#7b6b58"; }
signing_1() { bust 520 700 1 bob "#2b2320" "$skin1" "#3f5a55" "$paper"; bust 800 690 1 short "#b9bec4" "$skin1" "$deep" "$snow"; bust 1080 700 1 crop "#4a4540" "$skin3" "#2d3742" "$amber"; }
signing_flags() { local i; for i in 0 1 2 3 4 5 6 7; do pole $((150 + i * 190)) 230 420 "#6a5b49"; done; flag 152 232 90 "$blue" "$snow" "$amber"; flag 342 232 90 "$snow" "$blue" "$snow"; flag 532 232 90 "$amber" "$snow" "$steel"; flag 722 232 90 "$blue" "#ffffff" "$amber"; flag 912 232 90 "#7a2b34" "$snow" "#7a2b34"; flag 1102 232 90 "#2f6b57" "$snow" "$ember"; flag 1292 232 90 "$ink" "$amber" "$ink"; flag 1482 232 90 "$blue" "#9fc3e6" "$snow"; }
signing_2() { echo "<path fill=\"#3a2b20\" d=\"M-400,960V730H2000V960Z\"/><path fill=\"#4d3a2b\" d=\"M-400,730L-300,690H1900L2000,730Z\"/>"; awk 'BEGIN{for(i=0;i<3;i++){x=420+i*280; printf "<path fill=\"#f7f3ea\" d=\"M%d,722l26,-30h160l26,30z\"/><path d=\"M%d,712h130M%d,704h100\" stroke=\"#9a9184\" stroke-width=\"2\"/><path d=\"M%d,716l60,-52\" stroke=\"#0b1b2e\" stroke-width=\"7\" stroke-linecap=\"round\"/><path d=\"M%d,668l10,-9\" stroke=\"#f2a33a\" stroke-width=\"7\"/>",x-10,x+30,x+40,x+150,x+202}}'; rect -400 760 2400 6 "$amber" .5; }

## control: a grid control room, the frequency line running
control_screen() {
	rect 120 80 1360 430 "#0a1a2b"
	awk -v t="$T" 'BEGIN{for(i=1;i<9;i++) printf "<path d=\"M%d,80V510\" stroke=\"#17324d\" stroke-width=\"2\"/>",120+i*151; for(i=1;i<5;i++) printf "<path d=\"M120,%dH1480\" stroke=\"#17324d\" stroke-width=\"2\"/>",80+i*86
	printf "<path fill=\"none\" stroke=\"#f2a33a\" stroke-width=\"5\" d=\"M120,300"; for(x=120;x<=1480;x+=8){u=x/1360*6.2832+6.2832*t; printf " L%d,%.1f",x,290+34*sin(u*3)+16*sin(u*7+1)+9*sin(u*17)} print "\"/>"
	printf "<path fill=\"none\" stroke=\"#8ab8ff\" stroke-width=\"3\" opacity=\".8\" d=\"M120,420"; for(x=120;x<=1480;x+=8){u=x/1360*6.2832+6.2832*t; printf " L%d,%.1f",x,420+22*sin(u*2+2)+10*sin(u*5)} print "\"/>"}'
}
control_0() { sky "#070d15" "#101b28" "#182534"; }
control_1() { control_screen; }
control_2() { rect -400 560 2400 400 "#0c141d"; awk 'BEGIN{for(i=0;i<9;i++){x=-200+i*230; printf "<rect x=\"%d\" y=\"540\" width=\"150\" height=\"90\" rx=\"6\" fill=\"#0f2136\" stroke=\"#28435f\" stroke-width=\"4\"/><path d=\"M%d,600l30,-22l26,12l34,-26l30,18\" stroke=\"#7fd6a0\" stroke-width=\"3\" fill=\"none\"/><circle cx=\"%d\" cy=\"558\" r=\"5\" fill=\"%s\"/>",x,x+14,x+134,(i%4==2?"#f2a33a":"#7fd6a0")}}'; bust 480 940 1.1 bob "#0a0f15" "#1d2732" "#0d1620" "#16283b"; bust 1080 950 1.15 crop "#0a0f15" "#1d2732" "#101b26" "#16283b"; }

## site: the piling rig at Dravna
site_0() { sky "#86a3b8" "#d8d6cc" "#f3d7a8"; glow 360 520 120 "#ffd79a" .8; clouds 59 .6 20 380; ridge 520 34 .2 4 "#94a39f"; rect -400 560 2400 90 "#6f93a8"; glints 89 562 90 .5 "1 .9 .7"; }
site_1() { ridge 650 12 .5 13 "#8d7a62"; echo "<g stroke=\"#e2a13c\" stroke-width=\"12\" fill=\"none\"><path d=\"M1230,660V150M1276,660V150M1230,150H1276M1253,150L1000,190M1253,110V150M1253,110L1020,186M1253,110L1420,180M1276,170H1430\"/><path stroke-width=\"5\" d=\"M1230,640l46,-46M1276,640l-46,-46M1230,560l46,-46M1276,560l-46,-46M1230,480l46,-46M1276,480l-46,-46M1230,400l46,-46M1276,400l-46,-46M1230,320l46,-46M1276,320l-46,-46\"/></g><rect x=\"1390\" y=\"164\" width=\"50\" height=\"44\" fill=\"#5b6b7a\"/><path d=\"M1040,190V420\" stroke=\"#2f4459\" stroke-width=\"3\"/><rect x=\"980\" y=\"420\" width=\"120\" height=\"26\" fill=\"#8b8073\"/>"; }
site_rig() { awk -v t="$T" 'BEGIN{h=t<.75?t/.75:1-(t-.75)/.25; h=150*h; printf "<rect x=\"560\" y=\"130\" width=\"18\" height=\"600\" fill=\"#2f4459\"/><rect x=\"640\" y=\"130\" width=\"18\" height=\"600\" fill=\"#2f4459\"/><rect x=\"548\" y=\"120\" width=\"122\" height=\"20\" fill=\"#0b1b2e\"/><rect x=\"590\" y=\"400\" width=\"38\" height=\"400\" fill=\"#b9b0a4\"/><rect x=\"576\" y=\"%.1f\" width=\"66\" height=\"120\" fill=\"#d9772b\"/><path d=\"M609,140V%.1f\" stroke=\"#0b1b2e\" stroke-width=\"5\"/>",280-h,280-h}'; echo "<path fill=\"#e2a13c\" d=\"M660,730V620H830L870,680V730Z\"/><path fill=\"#9fb6cc\" d=\"M770,634H822L850,680H770Z\"/><rect x=\"540\" y=\"726\" width=\"360\" height=\"44\" rx=\"22\" fill=\"#1b232b\"/>"; }
site_2() { ridge 770 16 .5 17 "#6b5a45"; ridge 850 14 .5 23 "#54452f"; local x; for x in 250 330 1180; do echo "<g transform=\"translate($x 830)\"><circle cx=\"0\" cy=\"-120\" r=\"17\" fill=\"$skin2\"/><path fill=\"$steel\" d=\"M-28,0C-32,-74 -26,-98 0,-100C26,-98 32,-74 28,0Z\"/><path fill=\"$amber\" d=\"M-28,-78h56v40h-56z\"/><path fill=\"$snow\" d=\"M-21,-124a21,21 0 0 1 42,0z\"/></g>"; done; }

## lock: the seat of the Council on the Sluiskade
lock_0() { sky "#5f86a8" "#b5c7d3" "#ecdcc0"; clouds 67 .7 10 380; skyline 560 30 90 41 "#93a3b0" 4; }
lock_1() { echo "<path fill=\"#a8765a\" d=\"M200,700V330H1180V700Z\"/><path fill=\"#4a4f55\" d=\"M170,334L260,236H1120L1210,334Z\"/>"; awk 'BEGIN{for(r=0;r<3;r++) for(i=0;i<13;i++) printf "<path fill=\"%s\" d=\"M%d,%dv-66a18,18 0 0 1 36,0v66z\"/><path d=\"M%d,%dv-84\" stroke=\"#e8e2d8\" stroke-width=\"3\"/>",((i*5+r*3)%7==0?"#ffdf9e":"#e4ecf2"),234+i*72,470+r*104,252+i*72,470+r*104}'; echo "<path fill=\"$blue\" d=\"M668,700v-92h44v92z\"/><path fill=\"#e8e2d8\" d=\"M600,236L690,160L780,236Z\"/><circle cx=\"690\" cy=\"208\" r=\"18\" fill=\"none\" stroke=\"$blue\" stroke-width=\"4\"/>"; rect -400 700 2400 30 "#8b8073"; }
lock_2() { rect -400 730 2400 230 "#3e5e78"; glints 97 732 230 .55 ".95 .92 .82"; echo "<path fill=\"#2b2f33\" d=\"M1260,730L1330,560H1370L1440,730ZM1290,560h110v22h-110z\"/><rect x=\"1240\" y=\"640\" width=\"220\" height=\"20\" fill=\"#2b2f33\"/><path d=\"M1350,560L1580,520\" stroke=\"#e8e2d8\" stroke-width=\"12\"/>"; }
lock_flags() { pole 690 40 130 "$haze"; flag 692 42 84 "$blue" "#ffffff" "$amber"; }

## table: ministers round a table, from above
table_0() { sky "#c9bda9" "#bdb09a" "#a89a83"; echo "<ellipse cx=\"800\" cy=\"470\" rx=\"560\" ry=\"300\" fill=\"#5c4532\"/><ellipse cx=\"800\" cy=\"456\" rx=\"560\" ry=\"300\" fill=\"#7a5c42\"/><ellipse cx=\"800\" cy=\"456\" rx=\"360\" ry=\"176\" fill=\"#c0b39d\"/><g fill=\"none\" stroke=\"$blue\" stroke-width=\"6\" opacity=\".55\"><circle cx=\"800\" cy=\"456\" r=\"110\"/><path d=\"M800,346v220M690,456h220M800,346c-88,50 -88,170 0,220M800,346c88,50 88,170 0,220\"/></g>"; awk 'BEGIN{split("#0b2a4a #33475c #7a2b34 #5b6b7a #2f6b57 #8a6a3f #1b232b",c," "); split("#2b2320 #b9bec4 #4a3a2c #d9bd84 #171310",h," "); for(i=0;i<31;i++){a=6.2832*i/31; x=800+640*cos(a); y=460+365*sin(a); px=800+470*cos(a); py=456+242*sin(a); printf "<ellipse cx=\"%.0f\" cy=\"%.0f\" rx=\"44\" ry=\"34\" fill=\"%s\"/><circle cx=\"%.0f\" cy=\"%.0f\" r=\"21\" fill=\"%s\"/><rect x=\"%.0f\" y=\"%.0f\" width=\"40\" height=\"28\" fill=\"#f7f3ea\" transform=\"rotate(%.0f %.0f %.0f)\"/>",x,y,c[i%7+1],x,y-6,h[(i*3)%5+1],px-20,py-14,a*57.3+90,px,py}}'; }

## globe: meridians and the cables between them
globe_0() { sky "#071a30" "#0b2a4a" "#0f3a66"; awk 'BEGIN{printf "<g fill=\"none\" stroke=\"#8ab8ff\" stroke-width=\"2.5\" opacity=\".45\">"; for(i=0;i<7;i++) printf "<ellipse cx=\"800\" cy=\"700\" rx=\"%d\" ry=\"600\"/>",90*i; for(i=0;i<6;i++) printf "<ellipse cx=\"800\" cy=\"%d\" rx=\"%d\" ry=\"%d\"/>",250+i*110,560*sqrt(1-(1-(i+1)/6.5)^2),40+i*14; print "</g>"}'; echo "<circle cx=\"800\" cy=\"700\" r=\"600\" fill=\"none\" stroke=\"#8ab8ff\" stroke-width=\"5\" opacity=\".8\"/><path d=\"M800,100V960\" stroke=\"$amber\" stroke-width=\"7\"/><g fill=\"none\" stroke=\"$amber\" stroke-width=\"4\" opacity=\".9\"><path d=\"M480,420Q640,330 800,380T1130,360M540,640Q720,520 930,600T1210,560M430,560Q560,760 800,700\"/></g><g fill=\"$snow\"><circle cx=\"480\" cy=\"420\" r=\"11\"/><circle cx=\"1130\" cy=\"360\" r=\"11\"/><circle cx=\"540\" cy=\"640\" r=\"11\"/><circle cx=\"1210\" cy=\"560\" r=\"11\"/><circle cx=\"430\" cy=\"560\" r=\"11\"/><circle cx=\"800\" cy=\"700\" r=\"11\"/><circle cx=\"800\" cy=\"380\" r=\"14\"/></g>"; }

## ledger: columns of paper, for the budget
ledger_0() { sky "#e4ddd1" "#d8cfc0" "#c4b8a5"; rect -400 740 2400 220 "#b3a690"; awk 'BEGIN{split("300 322 348 392 430",h," "); for(i=1;i<=5;i++){x=250+(i-1)*230; printf "<ellipse cx=\"%d\" cy=\"752\" rx=\"110\" ry=\"16\" opacity=\".18\"/>",x+75; for(y=0;y<h[i];y+=9) printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"150\" height=\"7\" fill=\"%s\"/>",x+3*sin(y*i),744-y,(i==5&&int(y/9)%1==0?"#0b4f9e":(int(y/9)%2?"#fbf8f2":"#efe8dc")); if(i==5) printf "<rect x=\"%d\" y=\"%d\" width=\"150\" height=\"12\" fill=\"#f2a33a\"/>",x,744-h[i]-8}}'; }

## people: the portraits; a glow behind, a line of the meridian beside
portrait_back() { sky "$1" "$2" "$3"; glow 800 330 300 "#ffffff" .28; echo "<g fill=\"none\" stroke=\"#fff\" stroke-width=\"4\" opacity=\".16\"><circle cx=\"1180\" cy=\"300\" r=\"420\"/><path d=\"M1180,-120v840M760,300h840M1180,-120c-330,190 -330,650 0,840M1180,-120c330,190 330,650 0,840\"/></g>"; }
person() { bust 800 900 2.15 "$@"; }
beard() { echo "<g transform=\"translate(800 900) scale(2.15)\"><path fill=\"$1\" d=\"M-48,-232C-48,-150 48,-150 48,-232C38,-204 20,-212 0,-212C-20,-212 -38,-204 -48,-232Z\"/></g>"; }
spectacles() { echo "<g transform=\"translate(800 900) scale(2.15)\" fill=\"none\" stroke=\"$1\" stroke-width=\"4\"><circle cx=\"-21\" cy=\"-236\" r=\"16\"/><circle cx=\"21\" cy=\"-236\" r=\"16\"/><path d=\"M-5,-238h10\"/></g>"; }
ilse-marrow_0() { portrait_back "$deep" "#123a69" "$blue"; person short "#b9bec4" "$skin1" "#0b1f3a" "$snow"; }
ana-duarte_0() { portrait_back "#3a4756" "$slate" "#8b97a3"; person long "#2b1d17" "$skin2" "#2c3947" "$amber"; }
mathieu-lacombe_0() { portrait_back "#8b8073" "$warm" "#d5cabb"; person crop "#3a2f29" "$skin1" "#3f4d5a" "$haze"; beard "#3a2f29"; spectacles "#1b1512"; }
signe-aldahl_0() { portrait_back "#24466e" "#5d86ad" "#a9c3d8"; person tied "#d9bd84" "$skin1" "#d9d2c6" "$blue"; }
vesna-koral_0() { portrait_back "#2f4a45" "#5b7d74" "#a3b8a8"; person bob "#2b2320" "$skin1" "#3f5a55" "$paper"; }
noor-haddad_0() { portrait_back "#2d5a78" "#6f9bb5" "#c3d6dc"; person curly "#241a16" "$skin3" "#d9a23a" "$deep"; }
edda-lindqvist_0() { portrait_back "#4b4440" "#857a70" "#c0b4a5"; person bob "#eceae6" "$skin1" "#5a3a44" "$paper"; spectacles "#3a3430"; }
colm-farrell_0() { portrait_back "#1f3347" "#3f5a72" "#90a5b5"; person crop "#a8552c" "#ecc6ac" "#33475c" "#cfdbe6"; }
