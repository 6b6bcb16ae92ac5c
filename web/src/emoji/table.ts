// Made by scripts/emoji.mjs from emojibase-data (MIT; the data are those of Unicode). Do not edit.
export const TABLE = `😀	grinning_face grinning	cheerful cheery grin happy laugh nice smile smiling teeth
😃	grinning_face_with_big_eyes smiley	awesome grin happy mouth open smile smiling teeth yay
😄	grinning_face_with_smiling_eyes smile	eye grin happy laugh lol mouth open
😁	beaming_face_with_smiling_eyes grin	eye grinning happy nice smile teeth
😆	grinning_squinting_face laughing satisfied	closed eyes haha hahaha happy laugh lol mouth open rofl smile smiling
😅	grinning_face_with_sweat sweat_smile	cold dejected excited mouth nervous open smiling stress stressed
🤣	rolling_on_the_floor_laughing rofl	crying face funny haha happy hehe hilarious joy laugh lmao lol roflmao tear
😂	face_with_tears_of_joy joy	crying feels funny haha happy hehe hilarious laugh lmao lol rofl roflmao tear
🙂	slightly_smiling_face	happy smile
🙃	upside_down_face	hehe smile
🫠	melting_face	disappear dissolve embarrassed haha heat hot liquid lol melt sarcasm sarcastic
😉	winking_face wink	flirt heartbreaker sexy slide tease
😊	smiling_face_with_smiling_eyes blush	eye glad satisfied smile
😇	smiling_face_with_halo innocent	angel angelic blessed fairy fairytale fantasy happy peaceful smile spirit tale
🥰	smiling_face_with_hearts smiling_face_with_three_hearts	adore crush heart ily love romance smile you
😍	smiling_face_with_heart_eyes heart_eyes	bae eye feels ily kisses love romance romantic smile xoxo
🤩	star_struck	excited eyes face grinning smile starry eyed wow
😘	face_blowing_a_kiss kissing_heart	adorbs bae flirt ily love lover miss muah romantic smooch xoxo you
😗	kissing_face kissing	date dating flirt ily kiss love smooch xoxo you
☺️	smiling_face relaxed	happy outlined smile
😚	kissing_face_with_closed_eyes kissing_closed_eyes	bae blush date dating eye flirt ily kisses smooches xoxo
😙	kissing_face_with_smiling_eyes kissing_smiling_eyes	closed date dating eye flirt ily kiss love night smile
🥲	smiling_face_with_tear	glad grateful happy joy pain proud relieved smile smiley touched
😋	face_savoring_food yum	delicious eat full hungry savor smile smiling tasty um yummy
😛	face_with_tongue stuck_out_tongue	awesome cool nice party sweet
😜	winking_face_with_tongue stuck_out_tongue_winking_eye	crazy epic funny joke loopy nutty party wacky weirdo wink yolo
🤪	zany_face	crazy eye goofy large small
😝	squinting_face_with_tongue stuck_out_tongue_closed_eyes	eye gross horrible omg taste whatever yolo
🤑	money_mouth_face	paid
🤗	smiling_face_with_open_hands hugs	hug hugging
🤭	face_with_hand_over_mouth hand_over_mouth	giggle giggling oops realization secret shock sudden surprise whoops
🫢	face_with_open_eyes_and_hand_over_mouth	amazement awe disbelief embarrass gasp omg quiet scared shock surprise
🫣	face_with_peeking_eye	captivated embarrass hide hiding peek peep scared shy stare
🤫	shushing_face	quiet shh shush
🤔	thinking_face thinking	chin consider hmm ponder pondering wondering
🫡	saluting_face	good luck ma am ok respect salute sir troops yes
🤐	zipper_mouth_face	keep quiet secret shut zip
🤨	face_with_raised_eyebrow raised_eyebrow	disapproval disbelief distrust emoji hmm mild skeptic skeptical skepticism surprise what
😐	neutral_face	awkward blank deadpan expressionless fine jealous meh oh shade straight unamused unhappy unimpressed whatever
😑	expressionless_face expressionless	awkward dead fine inexpressive jealous meh not oh omg straight uh unhappy unimpressed whatever
😶	face_without_mouth no_mouth	awkward blank expressionless mouthless mute quiet secret silence silent speechless
🫥	dotted_line_face	depressed disappear hidden hide introvert invisible meh whatever wtv
😶‍🌫️	face_in_clouds	absentminded fog head
😏	smirking_face smirk	boss dapper flirt homie kidding leer shade slick sly smug snicker suave suspicious swag
😒	unamused_face unamused	bored fine jealous jel jelly pissed smh ugh uhh unhappy weird whatever
🙄	face_with_rolling_eyes roll_eyes	eyeroll shade ugh whatever
😬	grimacing_face grimacing	awk awkward dentist grimace grinning smile smiling
😮‍💨	face_exhaling	blow blowing exhale exhausted gasp groan relief sigh smiley smoke whisper whistle
🤥	lying_face	liar lie pinocchio
🫨	shaking_face	crazy daze earthquake omg panic shock surprise vibrate whoa wow
🙂‍↔️	head_shaking_horizontally	no shake
🙂‍↕️	head_shaking_vertically	nod yes
😌	relieved_face relieved	calm peace relief zen
😔	pensive_face pensive	awful bored dejected died disappointed losing lost sad sucks
😪	sleepy_face sleepy	crying good night sad sleep sleeping tired
🤤	drooling_face	
😴	sleeping_face sleeping	bed bedtime good goodnight nap night sleep tired whatever yawn zzz
🫩	face_with_bags_under_eyes	bored exhausted fatigued late sleepy tired weary
😷	face_with_medical_mask mask	cold dentist dermatologist doctor dr germs medicine sick
🤒	face_with_thermometer	ill sick
🤕	face_with_head_bandage	hurt injury ouch
🤢	nauseated_face	gross nasty sick vomit
🤮	face_vomiting vomiting_face	barf ew gross puke sick spew throw up vomit
🤧	sneezing_face	fever flu gesundheit sick sneeze
🥵	hot_face	dying feverish heat panting red faced stroke sweating tongue
🥶	cold_face	blue faced freezing frostbite icicles subzero teeth
🥴	woozy_face	dizzy drunk eyes intoxicated mouth tipsy uneven wavy
😵	face_with_crossed_out_eyes dizzy_face	dead feels knocked sick tired
😵‍💫	face_with_spiral_eyes	confused dizzy hypnotized omg smiley trouble whoa woah woozy
🤯	exploding_head	blown explode mind mindblown no shocked way
🤠	cowboy_hat_face	cowgirl
🥳	partying_face	bday birthday celebrate celebration excited happy hat hooray horn party
🥸	disguised_face	disguise eyebrow glasses incognito moustache mustache nose person spy tache tash
😎	smiling_face_with_sunglasses sunglasses	awesome beach bright bro chilling cool rad relaxed shades slay smile style swag win
🤓	nerd_face	brainy clever expert geek gifted glasses intelligent smart
🧐	face_with_monocle monocle_face	classy fancy rich stuffy wealthy
😕	confused_face confused	befuddled confusing dunno frown hm meh not sad sorry sure
🫤	face_with_diagonal_mouth	confused confusion disappointed doubt doubtful frustrated frustration meh skeptical unsure whatever wtv
😟	worried_face worried	anxious butterflies nerves nervous sad stress stressed surprised worry
🙁	slightly_frowning_face	frown sad
☹️	frowning_face	frown sad
😮	face_with_open_mouth open_mouth	believe forgot omg shocked surprised sympathy unbelievable unreal whoa wow you
😯	hushed_face hushed	epic omg stunned surprised whoa woah
😲	astonished_face astonished	cost no omg shocked totally way
😳	flushed_face flushed	amazed awkward crazy dazed dead disbelief embarrassed geez heat hot impressed jeez what wow
🫪	distorted_face	anxiety bloated panic shocked surprised vulnerable
🥺	pleading_face	begging big eyes mercy not please pretty puppy sad why
🥹	face_holding_back_tears	admiration aww cry embarrassed feelings grateful gratitude joy please proud resist sad
😦	frowning_face_with_open_mouth frowning	caught frown guard scared scary surprise what wow
😧	anguished_face anguished	forgot scared scary stressed surprise unhappy what wow
😨	fearful_face fearful	afraid anxious blame fear scared worried
😰	anxious_face_with_sweat cold_sweat	blue eek mouth nervous open rushed scared yikes
😥	sad_but_relieved_face disappointed_relieved	anxious call close complicated not sweat time whew
😢	crying_face cry	awful feels miss sad tear triste unhappy
😭	loudly_crying_face sob	bawling cry sad tear unhappy
😱	face_screaming_in_fear scream	epic fearful munch scared screamer shocked surprised woah
😖	confounded_face confounded	annoyed confused cringe distraught feels frustrated mad sad
😣	persevering_face persevere	concentrate concentration focus headache
😞	disappointed_face disappointed	awful blame dejected fail losing sad unhappy
😓	downcast_face_with_sweat sweat	close cold feels headache nervous sad scared yikes
😩	weary_face weary	crying fail feels hungry mad nooo sad sleepy tired unhappy
😫	tired_face	cost feels nap sad sneeze
🥱	yawning_face	bedtime bored goodnight nap night sleep sleepy tired whatever yawn zzz
😤	face_with_steam_from_nose triumph	anger angry feels fume fuming furious fury mad unhappy won
😡	enraged_face pout rage	anger angry feels mad maddening pouting red shade unhappy upset
😠	angry_face angry	anger blame feels frustrated mad maddening rage shade unhappy upset
🤬	face_with_symbols_on_mouth cursing_face	censor cussing mad pissed swearing
😈	smiling_face_with_horns smiling_imp	demon devil evil fairy fairytale fantasy purple shade smile tale
👿	angry_face_with_horns imp	demon devil evil fairy fairytale fantasy mischievous purple shade tale
💀	skull	body dead death face fairy fairytale lmao monster tale yolo
☠️	skull_and_crossbones	bone dead death face monster
💩	pile_of_poo hankey poop shit	bs comic doo dung face fml monster smelly smh stink stinky turd
🤡	clown_face	
👹	ogre japanese_ogre	creature devil face fairy fairytale fantasy mask monster scary tale
👺	goblin japanese_goblin	angry creature face fairy fairytale fantasy mask mean monster tale
👻	ghost	boo creature excited face fairy fairytale fantasy halloween haunting monster scary silly tale
👽	alien	creature extraterrestrial face fairy fairytale fantasy monster space tale ufo
👾	alien_monster space_invader	creature extraterrestrial face fairy fairytale fantasy game gamer pixelated tale ufo
🤖	robot	face monster
😺	grinning_cat smiley_cat	animal face mouth open smile smiling
😸	grinning_cat_with_smiling_eyes smile_cat	animal eye face grin
😹	cat_with_tears_of_joy joy_cat	animal face laugh laughing lol tear
😻	smiling_cat_with_heart_eyes heart_eyes_cat	animal eye face love smile
😼	cat_with_wry_smile smirk_cat	animal face ironic
😽	kissing_cat	animal closed eye face kiss
🙀	weary_cat scream_cat	animal face oh surprised
😿	crying_cat crying_cat_face	animal cry sad tear
😾	pouting_cat	animal face
🙈	see_no_evil_monkey see_no_evil	embarrassed face forbidden forgot gesture hide omg prohibited scared secret smh watch
🙉	hear_no_evil_monkey hear_no_evil	animal ears face forbidden gesture listen not prohibited secret shh tmi
🙊	speak_no_evil_monkey speak_no_evil	animal face forbidden gesture not oops prohibited quiet secret stealth
💌	love_letter	heart mail romance valentine
💘	heart_with_arrow cupid	adorbs date emotion ily love romance valentine
💝	heart_with_ribbon gift_heart	anniversary emotion ily kisses valentine xoxo
💖	sparkling_heart	emotion excited good ily kisses morning night sparkle xoxo
💗	growing_heart heartpulse	emotion excited ily kisses muah nervous pulse xoxo
💓	beating_heart heartbeat	cardio emotion ily love pulsating pulse
💞	revolving_hearts	adorbs anniversary emotion heart
💕	two_hearts	anniversary date dating emotion heart ily kisses love loving xoxo
💟	heart_decoration	emotion hearth purple white
❣️	heart_exclamation heavy_heart_exclamation	mark punctuation
💔	broken_heart	break crushed emotion heartbroken lonely sad
❤️‍🔥	heart_on_fire	burn love lust sacred
❤️‍🩹	mending_heart	healthier improving recovering recuperating well
❤️	red_heart heart	emotion love
🩷	pink_heart	adorable cute emotion ily like love special sweet
🧡	orange_heart	
💛	yellow_heart	cardiac emotion ily love
💚	green_heart	emotion ily love romantic
💙	blue_heart	emotion ily love romance
🩵	light_blue_heart	cute cyan emotion ily like love sky special teal
💜	purple_heart	bestest emotion ily love
🤎	brown_heart	
🖤	black_heart	evil wicked
🩶	grey_heart	emotion gray ily love silver slate special
🤍	white_heart	
💋	kiss_mark kiss	dating emotion heart kissing lips romance sexy
💯	hundred_points 100	agree clearly definitely faithful fleek full keep perfect point score true truth yup
💢	anger_symbol anger	angry comic mad upset
🫯	fight_cloud	argument brawl debate disagreement ruckus wrestle
💥	collision boom	bomb collide comic explode
💫	dizzy	comic shining shooting star
💦	sweat_droplets sweat_drops	comic drip droplet splashing squirt water wet work workout
💨	dashing_away dash	cloud comic fart fast go gone gotta running smoke
🕳️	hole	
💬	speech_balloon	bubble comic dialog message sms talk text typing
👁️‍🗨️	eye_in_speech_bubble eye_speech_bubble	balloon witness
🗨️	left_speech_bubble	balloon dialog
🗯️	right_anger_bubble	angry balloon mad
💭	thought_balloon	bubble cartoon cloud comic daydream decisions dream idea invent invention realize think wonder
💤	zzz	comic good goodnight night sleep sleeping sleepy tired

👋*	waving_hand wave	bye cya greetings gtg hello hey hi later outtie ttfn ttyl yo you
🤚*	raised_back_of_hand	backhand
🖐️*	hand_with_fingers_splayed raised_hand_with_fingers_splayed	finger stop
✋*	raised_hand hand	five high stop
🖖*	vulcan_salute	finger hand
🫱*	rightwards_hand	handshake hold reach right rightward shake
🫲*	leftwards_hand	handshake hold left leftward reach shake
🫳*	palm_down_hand	dismiss drop dropped pick shoo up
🫴*	palm_up_hand	beckon catch come hold know lift me offer tell
🫷*	leftwards_pushing_hand	block five halt high hold leftward pause push refuse slap stop wait
🫸*	rightwards_pushing_hand	block five halt high hold pause push refuse rightward slap stop wait
👌*	ok_hand	awesome bet dope fleek fosho got gotcha legit okay pinch rad sure sweet three
🤌*	pinched_fingers	gesture hand hold huh interrogation patience relax sarcastic ugh what zip
🤏*	pinching_hand	amount bit fingers little small sort
✌️*	victory_hand v	peace
🤞*	crossed_fingers	cross finger hand luck
🫰*	hand_with_index_finger_and_thumb_crossed	expensive heart love money snap
🤟*	love_you_gesture	fingers hand ily three
🤘*	sign_of_the_horns metal	finger hand rock on
🤙*	call_me_hand	hang loose shaka
👈*	backhand_index_pointing_left point_left	finger hand
👉*	backhand_index_pointing_right point_right	finger hand
👆*	backhand_index_pointing_up point_up_2	finger hand
🖕*	middle_finger fu	hand
👇*	backhand_index_pointing_down point_down	finger hand
☝️*	index_pointing_up point_up	finger hand this
🫵*	index_pointing_at_the_viewer	finger hand poke you
👍*	thumbs_up +1 thumbsup	good hand like thumb yes
👎*	thumbs_down -1 thumbsdown	bad dislike good hand no nope thumb
✊*	raised_fist fist fist_raised	clenched hand punch solidarity
👊*	oncoming_fist facepunch fist_oncoming punch	absolutely agree boom bro bruh bump clenched correct hand knuckle pound rock ttyl
🤛*	left_facing_fist fist_left	leftwards
🤜*	right_facing_fist fist_right	rightwards
👏*	clapping_hands clap	applause approval awesome congrats congratulations excited good great hand homie job nice prayed well yay
🙌*	raising_hands raised_hands	celebration gesture hand hooray praise
🫶*	heart_hands	love you
👐*	open_hands	hand hug jazz swerve
🤲*	palms_up_together	cupped dua hands pray prayer wish
🤝*	handshake	agreement deal hand meeting shake
🙏*	folded_hands pray	appreciate ask beg blessed bow cmon five gesture hand high please thanks thx
✍️*	writing_hand	write
💅*	nail_polish nail_care	bored cosmetics done makeup manicure whatever
🤳*	selfie	camera phone
💪*	flexed_biceps muscle	arm beast bench bodybuilder bro curls flex gains gym jacked press ripped strong weightlift
🦾	mechanical_arm	accessibility prosthetic
🦿	mechanical_leg	accessibility prosthetic
🦵*	leg	bent foot kick knee limb
🦶*	foot	ankle feet kick stomp
👂*	ear	body hear hearing listen listening sound
🦻*	ear_with_hearing_aid	accessibility hard
👃*	nose	body nosey odor smell
🧠	brain	intelligent smart
🫀	anatomical_heart	beat cardiology heartbeat organ pulse real red
🫁	lungs	breath breathe exhalation inhalation lung organ respiration
🦷	tooth	dentist pearly teeth white
🦴	bone	dog skeleton wishbone
👀	eyes	body eye face googly look looking omg peep see seeing
👁️	eye	body one
👅	tongue	body lick slurp
👄	mouth lips	beauty body kiss kissing lipstick
🫦	biting_lip	anxious bite fear flirt flirting kiss lipstick nervous sexy uncomfortable worried worry
👶*	baby	babies children goo infant newborn pregnant young
🧒*	child	bright eyed grandchild kid young younger
👦*	boy	bright eyed child grandson kid son young younger
👧*	girl	bright eyed child daughter granddaughter kid virgo young younger zodiac
🧑*	person adult	
👱*	person_blond_hair blond_haired_person	human
👨*	man	adult bro
🧔*	person_beard bearded_person	whiskers
🧔‍♂️*	man_beard	bearded whiskers
🧔‍♀️*	woman_beard	bearded whiskers
👨‍🦰*	man_red_hair red_haired_man	adult bro
👨‍🦱*	man_curly_hair curly_haired_man	adult bro
👨‍🦳*	man_white_hair white_haired_man	adult bro
👨‍🦲*	man_bald bald_man	adult bro
👩*	woman	adult lady
👩‍🦰*	woman_red_hair red_haired_woman	adult lady
🧑‍🦰*	person_red_hair	adult
👩‍🦱*	woman_curly_hair curly_haired_woman	adult lady
🧑‍🦱*	person_curly_hair	adult
👩‍🦳*	woman_white_hair white_haired_woman	adult lady
🧑‍🦳*	person_white_hair	adult
👩‍🦲*	woman_bald bald_woman	adult lady
🧑‍🦲*	person_bald	adult
👱‍♀️*	woman_blond_hair blond_haired_woman blonde_woman	
👱‍♂️*	man_blond_hair blond_haired_man	
🧓*	older_person older_adult	elderly grandparent old wise
👴*	old_man older_man	adult bald elderly gramps grandfather grandpa wise
👵*	old_woman older_woman	adult elderly grandma grandmother granny lady wise
🙍*	person_frowning frowning_person	annoyed disappointed disgruntled disturbed frown frustrated gesture irritated upset
🙍‍♂️*	man_frowning frowning_man	annoyed disappointed disgruntled disturbed frown frustrated gesture irritated upset
🙍‍♀️*	woman_frowning frowning_woman	annoyed disappointed disgruntled disturbed frown frustrated gesture irritated upset
🙎*	person_pouting pouting_face	disappointed downtrodden frown grimace scowl sulk upset whine
🙎‍♂️*	man_pouting pouting_man	disappointed downtrodden frown grimace scowl sulk upset whine
🙎‍♀️*	woman_pouting pouting_woman	disappointed downtrodden frown grimace scowl sulk upset whine
🙅*	person_gesturing_no no_good	forbidden gesture hand not prohibit
🙅‍♂️*	man_gesturing_no ng_man no_good_man	forbidden gesture hand not prohibit
🙅‍♀️*	woman_gesturing_no ng_woman no_good_woman	forbidden gesture hand not prohibit
🙆*	person_gesturing_ok ok_person	exercise gesture hand omg
🙆‍♂️*	man_gesturing_ok ok_man	exercise gesture hand omg
🙆‍♀️*	woman_gesturing_ok ok_woman	exercise gesture hand omg
💁*	person_tipping_hand information_desk_person tipping_hand_person	fetch flick flip gossip sarcasm sarcastic sassy seriously whatever
💁‍♂️*	man_tipping_hand sassy_man tipping_hand_man	fetch flick flip gossip sarcasm sarcastic seriously whatever
💁‍♀️*	woman_tipping_hand sassy_woman tipping_hand_woman	fetch flick flip gossip sarcasm sarcastic seriously whatever
🙋*	person_raising_hand raising_hand	gesture here know me pick question raise
🙋‍♂️*	man_raising_hand raising_hand_man	gesture here know me pick question raise
🙋‍♀️*	woman_raising_hand raising_hand_woman	gesture here know me pick question raise
🧏*	deaf_person	accessibility ear gesture hear
🧏‍♂️*	deaf_man	accessibility ear gesture hear
🧏‍♀️*	deaf_woman	accessibility ear gesture hear
🙇*	person_bowing bow	apology ask beg favor forgive gesture meditate meditation pity regret sorry
🙇‍♂️*	man_bowing bowing_man	apology ask beg bow favor forgive gesture meditate meditation pity regret sorry
🙇‍♀️*	woman_bowing bowing_woman	apology ask beg bow favor forgive gesture meditate meditation pity regret sorry
🤦*	person_facepalming facepalm	again bewilder disbelief exasperation no not oh omg shock smh
🤦‍♂️*	man_facepalming	again bewilder disbelief exasperation facepalm no not oh omg shock smh
🤦‍♀️*	woman_facepalming	again bewilder disbelief exasperation facepalm no not oh omg shock smh
🤷*	person_shrugging shrug	doubt dunno guess idk ignorance indifference knows maybe whatever who
🤷‍♂️*	man_shrugging	doubt dunno guess idk ignorance indifference knows maybe shrug whatever who
🤷‍♀️*	woman_shrugging	doubt dunno guess idk ignorance indifference knows maybe shrug whatever who
🧑‍⚕️*	health_worker	doctor healthcare nurse therapist
👨‍⚕️*	man_health_worker	doctor healthcare nurse therapist
👩‍⚕️*	woman_health_worker	doctor healthcare nurse therapist
🧑‍🎓*	student	graduate
👨‍🎓*	man_student	graduate
👩‍🎓*	woman_student	graduate
🧑‍🏫*	teacher	instructor lecturer professor
👨‍🏫*	man_teacher	instructor lecturer professor
👩‍🏫*	woman_teacher	instructor lecturer professor
🧑‍⚖️*	judge	justice law scales
👨‍⚖️*	man_judge	justice law scales
👩‍⚖️*	woman_judge	justice law scales
🧑‍🌾*	farmer	gardener rancher
👨‍🌾*	man_farmer	gardener rancher
👩‍🌾*	woman_farmer	gardener rancher
🧑‍🍳*	cook	chef
👨‍🍳*	man_cook	chef
👩‍🍳*	woman_cook	chef
🧑‍🔧*	mechanic	electrician plumber tradesperson
👨‍🔧*	man_mechanic	electrician plumber tradesperson
👩‍🔧*	woman_mechanic	electrician plumber tradesperson
🧑‍🏭*	factory_worker	assembly industrial
👨‍🏭*	man_factory_worker	assembly industrial
👩‍🏭*	woman_factory_worker	assembly industrial
🧑‍💼*	office_worker	architect business manager white collar
👨‍💼*	man_office_worker	architect business manager white collar
👩‍💼*	woman_office_worker	architect business manager white collar
🧑‍🔬*	scientist	biologist chemist engineer mathematician physicist
👨‍🔬*	man_scientist	biologist chemist engineer mathematician physicist
👩‍🔬*	woman_scientist	biologist chemist engineer mathematician physicist
🧑‍💻*	technologist	coder computer developer inventor software
👨‍💻*	man_technologist	coder computer developer inventor software
👩‍💻*	woman_technologist	coder computer developer inventor software
🧑‍🎤*	singer	actor entertainer rock rockstar star
👨‍🎤*	man_singer	actor entertainer rock rockstar star
👩‍🎤*	woman_singer	actor entertainer rock rockstar star
🧑‍🎨*	artist	palette
👨‍🎨*	man_artist	palette
👩‍🎨*	woman_artist	palette
🧑‍✈️*	pilot	plane
👨‍✈️*	man_pilot	plane
👩‍✈️*	woman_pilot	plane
🧑‍🚀*	astronaut	rocket space
👨‍🚀*	man_astronaut	rocket space
👩‍🚀*	woman_astronaut	rocket space
🧑‍🚒*	firefighter	fire firetruck
👨‍🚒*	man_firefighter	fire firetruck
👩‍🚒*	woman_firefighter	fire firetruck
👮*	police_officer cop	apprehend arrest citation law over pulled undercover
👮‍♂️*	man_police_officer policeman	apprehend arrest citation cop law over pulled undercover
👮‍♀️*	woman_police_officer policewoman	apprehend arrest citation cop law over pulled undercover
🕵️*	detective	sleuth spy
🕵️‍♂️*	man_detective male_detective	sleuth spy
🕵️‍♀️*	woman_detective female_detective	sleuth spy
💂*	guard	buckingham helmet london palace
💂‍♂️*	man_guard guardsman	buckingham helmet london palace
💂‍♀️*	woman_guard guardswoman	buckingham helmet london palace
🥷*	ninja	assassin fight fighter hidden person secret skills sly soldier stealth war
👷*	construction_worker	build fix hardhat hat man person rebuild remodel repair work
👷‍♂️*	man_construction_worker construction_worker_man	build fix hardhat hat rebuild remodel repair work
👷‍♀️*	woman_construction_worker construction_worker_woman	build fix hardhat hat man rebuild remodel repair work
🫅*	person_with_crown	monarch noble regal royal royalty
🤴*	prince	crown fairy fairytale fantasy king royal royalty tale
👸*	princess	crown fairy fairytale fantasy queen royal royalty tale
👳*	person_wearing_turban person_with_turban	
👳‍♂️*	man_wearing_turban man_with_turban	
👳‍♀️*	woman_wearing_turban woman_with_turban	
👲*	person_with_skullcap man_with_gua_pi_mao	cap chinese guapi hat
🧕*	woman_with_headscarf	bandana head hijab kerchief mantilla tichel
🤵*	person_in_tuxedo	formal wedding
🤵‍♂️*	man_in_tuxedo	formal groom wedding
🤵‍♀️*	woman_in_tuxedo	formal wedding
👰*	person_with_veil	wedding
👰‍♂️*	man_with_veil	wedding
👰‍♀️*	woman_with_veil bride_with_veil	wedding
🤰*	pregnant_woman	
🫃*	pregnant_man	belly bloated full overeat
🫄*	pregnant_person	belly bloated full overeat stuffed
🤱*	breast_feeding	baby mom mother nursing woman
👩‍🍼*	woman_feeding_baby	feed mom mother nanny newborn nursing
👨‍🍼*	man_feeding_baby	dad father feed nanny newborn nursing
🧑‍🍼*	person_feeding_baby	feed nanny newborn nursing parent
👼*	baby_angel angel	church face fairy fairytale fantasy tale
🎅*	santa_claus santa	celebration christmas fairy fantasy father holiday merry tale xmas
🤶*	mrs_claus	celebration christmas fairy fantasy holiday merry mother santa tale xmas
🧑‍🎄*	mx_claus	celebration christmas fairy fantasy holiday merry santa tale xmas
🦸*	superhero	good hero superpower
🦸‍♂️*	man_superhero superhero_man	good hero superpower
🦸‍♀️*	woman_superhero superhero_woman	good hero heroine superpower
🦹*	supervillain	bad criminal evil superpower villain
🦹‍♂️*	man_supervillain supervillain_man	bad criminal evil superpower villain
🦹‍♀️*	woman_supervillain supervillain_woman	bad criminal evil superpower villain
🧙*	mage	fantasy magic play sorcerer sorceress sorcery spell summon witch wizard
🧙‍♂️*	man_mage mage_man	fantasy magic play sorcerer sorceress sorcery spell summon witch wizard
🧙‍♀️*	woman_mage mage_woman	fantasy magic play sorcerer sorceress sorcery spell summon witch wizard
🧚*	fairy	fairytale fantasy myth person pixie tale wings
🧚‍♂️*	man_fairy fairy_man	fairytale fantasy myth oberon person pixie puck tale wings
🧚‍♀️*	woman_fairy fairy_woman	fairytale fantasy myth person pixie tale titania wings
🧛*	vampire	blood dracula fangs halloween scary supernatural teeth undead
🧛‍♂️*	man_vampire vampire_man	blood fangs halloween scary supernatural teeth undead
🧛‍♀️*	woman_vampire vampire_woman	blood fangs halloween scary supernatural teeth undead
🧜*	merperson	creature fairytale folklore ocean sea siren trident
🧜‍♂️*	merman	creature fairytale folklore neptune ocean poseidon sea siren trident triton
🧜‍♀️*	mermaid	creature fairytale folklore merwoman ocean sea siren trident
🧝*	elf	elves enchantment fantasy folklore magic magical myth
🧝‍♂️*	man_elf elf_man	elves enchantment fantasy folklore magic magical myth
🧝‍♀️*	woman_elf elf_woman	elves enchantment fantasy folklore magic magical myth
🧞	genie	djinn fantasy jinn lamp myth rub wishes
🧞‍♂️	man_genie genie_man	djinn fantasy jinn lamp myth rub wishes
🧞‍♀️	woman_genie genie_woman	djinn fantasy jinn lamp myth rub wishes
🧟	zombie	apocalypse dead halloween horror scary undead walking
🧟‍♂️	man_zombie zombie_man	apocalypse dead halloween horror scary undead walking
🧟‍♀️	woman_zombie zombie_woman	apocalypse dead halloween horror scary undead walking
🧌	troll	fairy fantasy monster tale trolling
🫈	hairy_creature	bigfoot cryptid forest giant sasquatch woodwose yeti
💆*	person_getting_massage massage	face headache relax relaxing salon soothe spa tension therapy treatment
💆‍♂️*	man_getting_massage massage_man	face headache relax relaxing salon soothe spa tension therapy treatment
💆‍♀️*	woman_getting_massage massage_woman	face headache relax relaxing salon soothe spa tension therapy treatment
💇*	person_getting_haircut haircut	barber beauty chop cosmetology cut groom hair parlor shears style
💇‍♂️*	man_getting_haircut haircut_man	barber beauty chop cosmetology cut groom hair parlor person shears style
💇‍♀️*	woman_getting_haircut haircut_woman	barber beauty chop cosmetology cut groom hair parlor person shears style
🚶*	person_walking walking	amble gait hike man pace pedestrian stride stroll walk
🚶‍♂️*	man_walking walking_man	amble gait hike pace pedestrian stride stroll walk
🚶‍♀️*	woman_walking walking_woman	amble gait hike man pace pedestrian stride stroll walk
🚶‍➡️*	person_walking_facing_right	amble gait hike man pace pedestrian stride stroll walk
🚶‍♀️‍➡️*	woman_walking_facing_right	amble gait hike man pace pedestrian stride stroll walk
🚶‍♂️‍➡️*	man_walking_facing_right	amble gait hike pace pedestrian stride stroll walk
🧍*	person_standing standing_person	stand
🧍‍♂️*	man_standing standing_man	stand
🧍‍♀️*	woman_standing standing_woman	stand
🧎*	person_kneeling kneeling_person	kneel knees
🧎‍♂️*	man_kneeling kneeling_man	kneel knees
🧎‍♀️*	woman_kneeling kneeling_woman	kneel knees
🧎‍➡️*	person_kneeling_facing_right	kneel knees
🧎‍♀️‍➡️*	woman_kneeling_facing_right	kneel knees
🧎‍♂️‍➡️*	man_kneeling_facing_right	kneel knees
🧑‍🦯*	person_with_white_cane person_with_probing_cane	accessibility blind
🧑‍🦯‍➡️*	person_with_white_cane_facing_right	accessibility blind probing
👨‍🦯*	man_with_white_cane man_with_probing_cane	accessibility blind
👨‍🦯‍➡️*	man_with_white_cane_facing_right	accessibility blind probing
👩‍🦯*	woman_with_white_cane woman_with_probing_cane	accessibility blind
👩‍🦯‍➡️*	woman_with_white_cane_facing_right	accessibility blind probing
🧑‍🦼*	person_in_motorized_wheelchair	accessibility
🧑‍🦼‍➡️*	person_in_motorized_wheelchair_facing_right	accessibility
👨‍🦼*	man_in_motorized_wheelchair	accessibility
👨‍🦼‍➡️*	man_in_motorized_wheelchair_facing_right	accessibility
👩‍🦼*	woman_in_motorized_wheelchair	accessibility
👩‍🦼‍➡️*	woman_in_motorized_wheelchair_facing_right	accessibility
🧑‍🦽*	person_in_manual_wheelchair	accessibility
🧑‍🦽‍➡️*	person_in_manual_wheelchair_facing_right	accessibility
👨‍🦽*	man_in_manual_wheelchair	accessibility
👨‍🦽‍➡️*	man_in_manual_wheelchair_facing_right	accessibility
👩‍🦽*	woman_in_manual_wheelchair	accessibility
👩‍🦽‍➡️*	woman_in_manual_wheelchair_facing_right	accessibility
🏃*	person_running runner running	fast hurry marathon move quick race racing run rush speed
🏃‍♂️*	man_running running_man	fast hurry marathon move quick race racing run rush speed
🏃‍♀️*	woman_running running_woman	fast hurry marathon move quick race racing run rush speed
🏃‍➡️*	person_running_facing_right	fast hurry marathon move quick race racing run rush speed
🏃‍♀️‍➡️*	woman_running_facing_right	fast hurry marathon move quick race racing run rush speed
🏃‍♂️‍➡️*	man_running_facing_right	fast hurry marathon move quick race racing run rush speed
🧑‍🩰*	ballet_dancer	
💃*	woman_dancing dancer	dance elegant festive flair flamenco groove let salsa tango
🕺*	man_dancing	dance dancer elegant festive flair flamenco groove let salsa tango
🕴️*	person_in_suit_levitating business_suit_levitating	
👯*	people_with_bunny_ears dancers	bestie bff counterpart dancer double ear identical pair party partying soulmate twin twinsies
👯‍♂️*	men_with_bunny_ears dancing_men	bestie bff counterpart dancer double ear identical pair party partying people soulmate twin twinsies
👯‍♀️*	women_with_bunny_ears dancing_women	bestie bff counterpart dancer double ear identical pair party partying people soulmate twin twinsies
🧖*	person_in_steamy_room sauna_person	day luxurious pamper relax spa steam steambath unwind
🧖‍♂️*	man_in_steamy_room sauna_man	day luxurious pamper relax spa steam steambath unwind
🧖‍♀️*	woman_in_steamy_room sauna_woman	day luxurious pamper relax spa steam steambath unwind
🧗*	person_climbing climbing	climb climber mountain rock scale up
🧗‍♂️*	man_climbing climbing_man	climb climber mountain rock scale up
🧗‍♀️*	woman_climbing climbing_woman	climb climber mountain rock scale up
🤺	person_fencing	fencer sword
🏇*	horse_racing	jockey racehorse riding sport
⛷️	skier	ski snow
🏂*	snowboarder	ski snow snowboard sport
🏌️*	person_golfing golfing	ball birdie caddy driving golf green pga putt range tee
🏌️‍♂️*	man_golfing golfing_man	ball birdie caddy driving golf green pga putt range tee
🏌️‍♀️*	woman_golfing golfing_woman	ball birdie caddy driving golf green pga putt range tee
🏄*	person_surfing surfer	beach ocean sport surf swell waves
🏄‍♂️*	man_surfing surfing_man	beach ocean sport surf surfer swell waves
🏄‍♀️*	woman_surfing surfing_woman	beach ocean person sport surf surfer swell waves
🚣*	person_rowing_boat rowboat	canoe cruise fishing lake oar paddle raft river row
🚣‍♂️*	man_rowing_boat rowing_man	canoe cruise fishing lake oar paddle raft river row rowboat
🚣‍♀️*	woman_rowing_boat rowing_woman	canoe cruise fishing lake oar paddle raft river row rowboat
🏊*	person_swimming swimmer	freestyle sport swim triathlon
🏊‍♂️*	man_swimming swimming_man	freestyle sport swim swimmer triathlon
🏊‍♀️*	woman_swimming swimming_woman	freestyle man sport swim swimmer triathlon
⛹️*	person_bouncing_ball bouncing_ball_person	athletic basketball championship dribble net player throw
⛹️‍♂️*	man_bouncing_ball basketball_man bouncing_ball_man	athletic championship dribble net player throw
⛹️‍♀️*	woman_bouncing_ball basketball_woman bouncing_ball_woman	athletic championship dribble net player throw
🏋️*	person_lifting_weights weight_lifting	barbell bodybuilder deadlift lifter powerlifting weightlifter workout
🏋️‍♂️*	man_lifting_weights weight_lifting_man	barbell bodybuilder deadlift lifter powerlifting weightlifter workout
🏋️‍♀️*	woman_lifting_weights weight_lifting_woman	barbell bodybuilder deadlift lifter powerlifting weightlifter workout
🚴*	person_biking bicyclist	bicycle bike cycle cyclist riding sport
🚴‍♂️*	man_biking biking_man	bicycle bicyclist bike cycle cyclist riding sport
🚴‍♀️*	woman_biking biking_woman	bicycle bicyclist bike cycle cyclist riding sport
🚵*	person_mountain_biking mountain_bicyclist	bicycle bike cycle cyclist riding sport
🚵‍♂️*	man_mountain_biking mountain_biking_man	bicycle bicyclist bike cycle cyclist riding sport
🚵‍♀️*	woman_mountain_biking mountain_biking_woman	bicycle bicyclist bike cycle cyclist riding sport
🤸*	person_cartwheeling cartwheeling	active cartwheel excited flip gymnastics happy somersault
🤸‍♂️*	man_cartwheeling	active cartwheel excited flip gymnastics happy somersault
🤸‍♀️*	woman_cartwheeling	active cartwheel excited flip gymnastics happy somersault
🤼*	people_wrestling wrestling	combat duel grapple ring tournament wrestle
🤼‍♂️*	men_wrestling	combat duel grapple ring tournament wrestle
🤼‍♀️*	women_wrestling	combat duel grapple ring tournament wrestle
🤽*	person_playing_water_polo water_polo	sport swimming waterpolo
🤽‍♂️*	man_playing_water_polo	sport swimming waterpolo
🤽‍♀️*	woman_playing_water_polo	sport swimming waterpolo
🤾*	person_playing_handball handball_person	athletics ball catch chuck hurl lob pitch sport throw toss
🤾‍♂️*	man_playing_handball	athletics ball catch chuck hurl lob pitch sport throw toss
🤾‍♀️*	woman_playing_handball	athletics ball catch chuck hurl lob pitch sport throw toss
🤹*	person_juggling juggling_person	act balance balancing handle juggle manage multitask skill
🤹‍♂️*	man_juggling	act balance balancing handle juggle manage multitask skill
🤹‍♀️*	woman_juggling	act balance balancing handle juggle manage multitask skill
🧘*	person_in_lotus_position lotus_position	cross legged legs meditation peace relax serenity yoga yogi zen
🧘‍♂️*	man_in_lotus_position lotus_position_man	cross legged legs meditation peace relax serenity yoga yogi zen
🧘‍♀️*	woman_in_lotus_position lotus_position_woman	cross legged legs meditation peace relax serenity yoga yogi zen
🛀*	person_taking_bath bath	bathtub tub
🛌*	person_in_bed sleeping_bed	bedtime good goodnight hotel nap night sleep tired zzz
🧑‍🤝‍🧑+	people_holding_hands	bae bestie bff couple dating flirt friends hand hold twins
👭*	women_holding_hands two_women_holding_hands	bae bestie bff couple dating flirt friends girls hand hold sisters twins
👫*	woman_and_man_holding_hands couple	bae bestie bff dating flirt friends hand hold twins
👬*	men_holding_hands two_men_holding_hands	bae bestie bff boys brothers couple dating flirt friends hand hold twins
💏*	kiss couplekiss	anniversary babe bae couple date dating heart love mwah person romance together xoxo
👩‍❤️‍💋‍👨+	kiss_woman_man couplekiss_man_woman	anniversary babe bae couple date dating heart love mwah person romance together xoxo
👨‍❤️‍💋‍👨+	kiss_man_man couplekiss_man_man	anniversary babe bae couple date dating heart love mwah person romance together xoxo
👩‍❤️‍💋‍👩+	kiss_woman_woman couplekiss_woman_woman	anniversary babe bae couple date dating heart love mwah person romance together xoxo
💑*	couple_with_heart	anniversary babe bae dating kiss love person relationship romance together you
👩‍❤️‍👨+	couple_with_heart_woman_man	anniversary babe bae dating kiss love person relationship romance together you
👨‍❤️‍👨+	couple_with_heart_man_man	anniversary babe bae dating kiss love person relationship romance together you
👩‍❤️‍👩+	couple_with_heart_woman_woman	anniversary babe bae dating kiss love person relationship romance together you
👨‍👩‍👦	family_man_woman_boy	child
👨‍👩‍👧	family_man_woman_girl	child
👨‍👩‍👧‍👦	family_man_woman_girl_boy	child
👨‍👩‍👦‍👦	family_man_woman_boy_boy	child
👨‍👩‍👧‍👧	family_man_woman_girl_girl	child
👨‍👨‍👦	family_man_man_boy	child
👨‍👨‍👧	family_man_man_girl	child
👨‍👨‍👧‍👦	family_man_man_girl_boy	child
👨‍👨‍👦‍👦	family_man_man_boy_boy	child
👨‍👨‍👧‍👧	family_man_man_girl_girl	child
👩‍👩‍👦	family_woman_woman_boy	child
👩‍👩‍👧	family_woman_woman_girl	child
👩‍👩‍👧‍👦	family_woman_woman_girl_boy	child
👩‍👩‍👦‍👦	family_woman_woman_boy_boy	child
👩‍👩‍👧‍👧	family_woman_woman_girl_girl	child
👨‍👦	family_man_boy	child
👨‍👦‍👦	family_man_boy_boy	child
👨‍👧	family_man_girl	child
👨‍👧‍👦	family_man_girl_boy	child
👨‍👧‍👧	family_man_girl_girl	child
👩‍👦	family_woman_boy	child
👩‍👦‍👦	family_woman_boy_boy	child
👩‍👧	family_woman_girl	child
👩‍👧‍👦	family_woman_girl_boy	child
👩‍👧‍👧	family_woman_girl_girl	child
🗣️	speaking_head	face silhouette speak
👤	bust_in_silhouette	mysterious shadow
👥	busts_in_silhouette	bff bust everyone friend people
🫂	people_hugging	comfort embrace farewell friendship goodbye hello hug love thanks
👪	family	child
🧑‍🧑‍🧒	family_adult_adult_child	
🧑‍🧑‍🧒‍🧒	family_adult_adult_child_child	
🧑‍🧒	family_adult_child	
🧑‍🧒‍🧒	family_adult_child_child	
👣	footprints	barefoot clothing footprint omw print walk
🫆	fingerprint	clue crime detective forensics identity mystery print safety trace

🐵	monkey_face	animal banana
🐒	monkey	animal banana
🦍	gorilla	animal
🦧	orangutan	animal ape monkey
🐶	dog_face dog	adorbs animal pet puppies puppy
🐕	dog dog2	animal pet
🦮	guide_dog	accessibility animal blind
🐕‍🦺	service_dog	accessibility animal assistance
🐩	poodle	animal dog fluffy
🐺	wolf	animal face
🦊	fox fox_face	animal
🦝	raccoon	animal curious sly
🐱	cat_face cat	animal kitten kitty pet
🐈	cat cat2	animal kitten pet
🐈‍⬛	black_cat	animal feline halloween meow unlucky
🦁	lion	alpha animal face leo mane order rawr roar safari strong zodiac
🐯	tiger_face tiger	animal big cat predator
🐅	tiger tiger2	animal big cat predator zoo
🐆	leopard	animal big cat predator zoo
🐴	horse_face horse	animal dressage equine farm
🫎	moose	alces animal antlers elk mammal
🫏	donkey	animal ass burro hinny mammal mule stubborn
🐎	horse racehorse	animal equestrian farm racing
🦄	unicorn	face
🦓	zebra	animal stripe
🦌	deer	animal
🦬	bison	animal buffalo herd wisent
🐮	cow_face cow	animal farm milk moo
🐂	ox	animal bull farm taurus zodiac
🐃	water_buffalo	animal zoo
🐄	cow cow2	animal farm milk moo
🐷	pig_face pig	animal bacon farm pork
🐖	pig pig2	animal bacon farm pork sow
🐗	boar	animal pig
🐽	pig_nose	animal face farm smell snout
🐏	ram	animal aries horns male sheep zodiac zoo
🐑	ewe sheep	animal baa farm female fluffy lamb wool
🐐	goat	animal capricorn farm milk zodiac
🐪	camel dromedary_camel	animal desert hump one
🐫	two_hump_camel camel	animal bactrian desert
🦙	llama	alpaca animal guanaco vicuña wool
🦒	giraffe	animal spots
🐘	elephant	animal
🦣	mammoth	animal extinction large tusk wooly
🦏	rhinoceros	animal
🦛	hippopotamus	animal hippo
🐭	mouse_face mouse	animal
🐁	mouse mouse2	animal
🐀	rat	animal
🐹	hamster	animal face pet
🐰	rabbit_face rabbit	animal bunny pet
🐇	rabbit rabbit2	animal bunny pet
🐿️	chipmunk	animal squirrel
🦫	beaver	animal dam teeth
🦔	hedgehog	animal spiny
🦇	bat	animal vampire
🐻	bear	animal face grizzly growl honey
🐻‍❄️	polar_bear	animal arctic white
🐨	koala	animal australia bear down face marsupial under
🐼	panda panda_face	animal bamboo
🦥	sloth	lazy slow
🦦	otter	animal fishing playful
🦨	skunk	animal stink
🦘	kangaroo	animal joey jump marsupial
🦡	badger	animal honey pester
🐾	paw_prints feet	print
🦃	turkey	bird gobble thanksgiving
🐔	chicken	animal bird ornithology
🐓	rooster	animal bird ornithology
🐣	hatching_chick	animal baby bird egg
🐤	baby_chick	animal bird ornithology
🐥	front_facing_baby_chick hatched_chick	animal bird newborn ornithology
🐦	bird	animal ornithology
🐧	penguin	animal antarctica bird ornithology
🕊️	dove	bird fly ornithology peace
🦅	eagle	animal bird ornithology
🦆	duck	animal bird ornithology
🦢	swan	animal bird cygnet duckling ornithology ugly
🦉	owl	animal bird ornithology wise
🦤	dodo	animal bird extinction large ornithology
🪶	feather	bird flight light plumage
🦩	flamingo	animal bird flamboyant ornithology tropical
🦚	peacock	animal bird colorful ornithology ostentatious peahen pretty proud
🦜	parrot	animal bird ornithology pirate talk
🪽	wing	angelic ascend aviation bird fly flying heavenly mythology soar
🐦‍⬛	black_bird	animal beak caw corvid crow ornithology raven rook
🪿	goose	animal bird duck flock fowl gaggle gander geese honk ornithology silly
🐦‍🔥	phoenix	ascend ascension emerge fantasy firebird glory immortal rebirth reincarnation reinvent renewal revival revive rise transform
🐸	frog	animal face
🐊	crocodile	animal zoo
🐢	turtle	animal terrapin tortoise
🦎	lizard	animal reptile
🐍	snake	animal bearer ophiuchus serpent zodiac
🐲	dragon_face	animal fairy fairytale tale
🐉	dragon	animal fairy fairytale knights tale
🦕	sauropod	brachiosaurus brontosaurus dinosaur diplodocus
🦖	t_rex t-rex	dinosaur tyrannosaurus
🐳	spouting_whale whale	animal beach face ocean
🐋	whale whale2	animal beach ocean
🐬	dolphin flipper	animal beach ocean
🫍	orca	marine ocean whale
🦭	seal	animal lion ocean sea
🐟	fish	animal dinner fishing pisces zodiac
🐠	tropical_fish	animal
🐡	blowfish	animal fish
🦈	shark	animal fish
🐙	octopus	animal creature ocean
🐚	spiral_shell shell	animal beach conch sea
🪸	coral	change climate ocean reef sea
🪼	jellyfish	animal aquarium burn invertebrate jelly life marine ocean ouch plankton sea sting stinger tentacles
🦀	crab	cancer zodiac
🦞	lobster	animal bisque claws seafood
🦐	shrimp	food shellfish small
🦑	squid	animal food mollusk
🦪	oyster	diving pearl
🐌	snail	animal escargot garden nature slug
🦋	butterfly	insect pretty
🐛	bug	animal garden insect
🐜	ant	animal garden insect
🐝	honeybee bee	animal bumblebee honey insect nature spring
🪲	beetle	animal bug insect
🐞	lady_beetle	animal garden insect ladybird ladybug nature
🦗	cricket	animal bug grasshopper insect orthoptera
🪳	cockroach	animal insect pest roach
🕷️	spider	animal insect
🕸️	spider_web	
🦂	scorpion	scorpio scorpius zodiac
🦟	mosquito	bite disease fever insect malaria pest virus
🪰	fly	animal disease insect maggot pest rotting
🪱	worm	animal annelid earthworm parasite
🦠	microbe	amoeba bacteria science virus
💐	bouquet	anniversary birthday date flower love plant romance
🌸	cherry_blossom	flower plant spring springtime
💮	white_flower	
🪷	lotus	beauty buddhism calm flower hinduism peace purity serenity
🏵️	rosette	plant
🌹	rose	beauty elegant flower love plant red valentine
🥀	wilted_flower	dying
🌺	hibiscus	flower plant
🌻	sunflower	flower outdoors plant sun
🌼	blossom	buttercup dandelion flower plant
🌷	tulip	blossom flower growth plant
🪻	hyacinth	bloom bluebonnet flower indigo lavender lilac lupine plant purple shrub snapdragon spring violet
🌱	seedling	plant sapling sprout young
🪴	potted_plant	decor grow house nurturing pot
🌲	evergreen_tree	christmas forest pine
🌳	deciduous_tree	forest green habitat shedding
🌴	palm_tree	beach plant tropical
🌵	cactus	desert drought nature plant
🌾	sheaf_of_rice ear_of_rice	grain plant
🌿	herb	leaf plant
☘️	shamrock	irish plant
🍀	four_leaf_clover	irish lucky plant
🍁	maple_leaf	falling
🍂	fallen_leaf	autumn fall falling
🍃	leaf_fluttering_in_wind leaves	blow flutter
🪹	empty_nest	branch home nesting
🪺	nest_with_eggs	bird branch egg nesting
🍄	mushroom	fungus toadstool
🪾	leafless_tree	bare barren branches dead drought trunk winter wood

🍇	grapes	dionysus fruit grape
🍈	melon	cantaloupe fruit
🍉	watermelon	fruit
🍊	tangerine mandarin orange	citrus fruit nectarine vitamin
🍋	lemon	citrus fruit sour
🍋‍🟩	lime	acidity citrus cocktail fruit garnish key margarita mojito refreshing salsa sour tangy tequila tropical zest
🍌	banana	fruit potassium
🍍	pineapple	colada fruit pina tropical
🥭	mango	food fruit tropical
🍎	red_apple apple	diet food fruit health ripe
🍏	green_apple	fruit
🍐	pear	fruit
🍑	peach	fruit
🍒	cherries	berries cherry fruit red
🍓	strawberry	berry fruit
🫐	blueberries	berries berry bilberry blue blueberry food fruit
🥝	kiwi_fruit	food
🍅	tomato	food fruit vegetable
🫒	olive	food
🥥	coconut	colada palm piña
🥑	avocado	food fruit
🍆	eggplant	aubergine vegetable
🥔	potato	food vegetable
🥕	carrot	food vegetable
🌽	ear_of_corn corn	crops farm maize maze
🌶️	hot_pepper	
🫑	bell_pepper	capsicum food vegetable
🥒	cucumber	food pickle vegetable
🥬	leafy_green	bok burgers cabbage choy kale lettuce salad
🥦	broccoli	cabbage wild
🧄	garlic	flavoring
🧅	onion	flavoring
🥜	peanuts	food nut peanut vegetable
🫘	beans	food kidney legume small
🌰	chestnut	almond plant
🫚	ginger_root	beer health herb natural spice
🫛	pea_pod	beans beanstalk edamame legume soybean vegetable veggie
🍄‍🟫	brown_mushroom	food fungi fungus nature pizza portobello shiitake shroom spore sprout toppings truffle vegetable vegetarian veggie
🫜	root_vegetable	beet food garden radish salad turnip vegetarian
🍞	bread	carbs food grain loaf restaurant toast wheat
🥐	croissant	bread breakfast crescent food french roll
🥖	baguette_bread	food french
🫓	flatbread	arepa bread food gordita lavash naan pita
🥨	pretzel	convoluted twisted
🥯	bagel	bakery bread breakfast schmear
🥞	pancakes	breakfast crêpe food hotcake pancake
🧇	waffle	breakfast indecisive iron
🧀	cheese_wedge cheese	
🍖	meat_on_bone	
🍗	poultry_leg	bone chicken drumstick hungry turkey
🥩	cut_of_meat	chop lambchop porkchop red steak
🥓	bacon	breakfast food meat
🍔	hamburger	burger eat fast food hungry
🍟	french_fries fries	fast food
🍕	pizza	cheese food hungry pepperoni slice
🌭	hot_dog hotdog	frankfurter sausage
🥪	sandwich	bread
🌮	taco	mexican
🌯	burrito	mexican wrap
🫔	tamale	food mexican pamonha wrapped
🥙	stuffed_flatbread	falafel food gyro kebab
🧆	falafel	chickpea meatball
🥚	egg	breakfast food
🍳	cooking fried_egg	breakfast easy fry frying over pan restaurant side sunny up
🥘	shallow_pan_of_food	casserole paella
🍲	pot_of_food stew	soup
🫕	fondue	cheese chocolate food melted pot ski
🥣	bowl_with_spoon	breakfast cereal congee oatmeal porridge
🥗	green_salad	food
🍿	popcorn	corn movie pop
🧈	butter	dairy
🧂	salt	condiment flavor mad salty shaker taste upset
🥫	canned_food	can
🍱	bento_box bento	food
🍘	rice_cracker	food
🍙	rice_ball	food japanese
🍚	cooked_rice rice	food
🍛	curry_rice curry	food
🍜	steaming_bowl ramen	chopsticks food noodle pho soup
🍝	spaghetti	food meatballs pasta restaurant
🍠	roasted_sweet_potato sweet_potato	food
🍢	oden	food kebab restaurant seafood skewer stick
🍣	sushi	food
🍤	fried_shrimp	prawn tempura
🍥	fish_cake_with_swirl fish_cake	food pastry restaurant
🥮	moon_cake	autumn festival yuèbǐng
🍡	dango	dessert japanese skewer stick sweet
🥟	dumpling	empanada gyōza jiaozi pierogi potsticker
🥠	fortune_cookie	prophecy
🥡	takeout_box	chopsticks delivery food oyster pail
🍦	soft_ice_cream icecream	dessert food restaurant serve sweet
🍧	shaved_ice	dessert restaurant sweet
🍨	ice_cream	dessert food restaurant sweet
🍩	doughnut	breakfast dessert donut food sweet
🍪	cookie	chip chocolate dessert sweet
🎂	birthday_cake birthday	bday celebration dessert happy pastry sweet
🍰	shortcake cake	dessert pastry slice sweet
🧁	cupcake	bakery dessert sprinkles sugar sweet treat
🥧	pie	apple filling fruit meat pastry pumpkin slice
🍫	chocolate_bar	candy dessert halloween sweet tooth
🍬	candy	cavities dessert halloween restaurant sweet tooth wrapper
🍭	lollipop	candy dessert food restaurant sweet
🍮	custard	dessert pudding sweet
🍯	honey_pot	barrel bear food honeypot jar sweet
🍼	baby_bottle	babies birth born drink infant milk newborn
🥛	glass_of_milk milk_glass	drink
☕	hot_beverage coffee	cafe caffeine chai drink morning steaming tea
🫖	teapot	brew drink food pot tea
🍵	teacup_without_handle tea	beverage cup drink oolong
🍶	sake	bar beverage bottle cup drink restaurant
🍾	bottle_with_popping_cork champagne	bar drink
🍷	wine_glass	alcohol bar beverage booze club drink drinking restaurant
🍸	cocktail_glass cocktail	alcohol bar booze club drink drinking mad martini men
🍹	tropical_drink	alcohol bar booze club cocktail drinking drunk mai party tai tropics
🍺	beer_mug beer	alcohol ale bar booze drink drinking octoberfest oktoberfest pint stein summer
🍻	clinking_beer_mugs beers	alcohol bar booze bottoms cheers clink drinking drinks
🥂	clinking_glasses	celebrate clink drink glass
🥃	tumbler_glass	liquor scotch shot whiskey whisky
🫗	pouring_liquid	accident drink empty glass oops pour spill water
🥤	cup_with_straw	drink juice malt soda soft water
🧋	bubble_tea	boba food milk pearl
🧃	beverage_box	juice straw sweet
🧉	mate	drink
🧊	ice ice_cube	cold iceberg
🥢	chopsticks	hashi jeotgarak kuaizi
🍽️	fork_and_knife_with_plate plate_with_cutlery	cooking dinner eat
🍴	fork_and_knife	breakfast breaky cooking cutlery delicious dinner eat feed food hungry lunch restaurant yum yummy
🥄	spoon	eat tableware
🔪	kitchen_knife hocho knife	chef cooking tool weapon
🫙	jar	condiment container empty nothing sauce store
🏺	amphora	aquarius cooking drink jug tool weapon zodiac

🌍	globe_showing_europe_africa earth_africa	world
🌎	globe_showing_americas earth_americas	world
🌏	globe_showing_asia_australia earth_asia	world
🌐	globe_with_meridians	earth internet web world worldwide
🗺️	world_map	
🗾	map_of_japan japan	
🧭	compass	direction magnetic navigation orienteering
🏔️	snow_capped_mountain mountain_snow	cold
⛰️	mountain	
🛘	landslide	avalanche danger disaster earthquake mountain mudslide rocks
🌋	volcano	eruption mountain nature
🗻	mount_fuji	mountain nature
🏕️	camping	
🏖️	beach_with_umbrella beach_umbrella	
🏜️	desert	
🏝️	desert_island	
🏞️	national_park	
🏟️	stadium	
🏛️	classical_building	
🏗️	building_construction	crane
🧱	brick bricks	clay mortar wall
🪨	rock	boulder heavy solid stone tough
🪵	wood	log lumber timber
🛖	hut	home house roundhouse shelter yurt
🏘️	houses	house
🏚️	derelict_house	home
🏠	house	building country heart home ranch settle simple suburban suburbia where
🏡	house_with_garden	building country heart home ranch settle simple suburban suburbia where
🏢	office_building office	city cubical job
🏣	japanese_post_office post_office	building
🏤	post_office european_post_office	building
🏥	hospital	building doctor medicine
🏦	bank	building
🏨	hotel	building
🏩	love_hotel	building
🏪	convenience_store	building hours
🏫	school	building
🏬	department_store	building
🏭	factory	building
🏯	japanese_castle	building
🏰	castle european_castle	building
💒	wedding	chapel hitched nuptials romance
🗼	tokyo_tower	
🗽	statue_of_liberty	new ny nyc york
⛪	church	bless chapel christian cross religion
🕌	mosque	islam masjid muslim religion
🛕	hindu_temple	
🕍	synagogue	jew jewish judaism religion temple
⛩️	shinto_shrine	religion
🕋	kaaba	hajj islam muslim religion umrah
⛲	fountain	
⛺	tent	camping
🌁	foggy	fog
🌃	night_with_stars	star
🏙️	cityscape	city
🌄	sunrise_over_mountains	morning sun
🌅	sunrise	morning nature sun
🌆	cityscape_at_dusk city_sunset	building evening landscape sun
🌇	sunset city_sunrise	building dusk sun
🌉	bridge_at_night	
♨️	hot_springs hotsprings	steaming
🎠	carousel_horse	entertainment
🛝	playground_slide	amusement park play playing sliding theme
🎡	ferris_wheel	amusement park theme
🎢	roller_coaster	amusement park theme
💈	barber_pole barber	cut fresh haircut shave
🎪	circus_tent	
🚂	locomotive steam_locomotive	caboose engine railway train travel
🚃	railway_car	electric train tram travel trolleybus
🚄	high_speed_train bullettrain_side	railway shinkansen
🚅	bullet_train bullettrain_front	high speed nose railway shinkansen travel
🚆	train train2	arrived choo railway
🚇	metro	subway travel
🚈	light_rail	arrived monorail railway
🚉	station	railway train
🚊	tram	trolleybus
🚝	monorail	vehicle
🚞	mountain_railway	car trip
🚋	tram_car train	bus trolley trolleybus
🚌	bus	school vehicle
🚍	oncoming_bus	cars
🚎	trolleybus	bus tram trolley
🚐	minibus	bus drive van vehicle
🚑	ambulance	emergency vehicle
🚒	fire_engine	truck
🚓	police_car	cops patrol
🚔	oncoming_police_car	
🚕	taxi	cab cabbie car drive vehicle yellow
🚖	oncoming_taxi	cab cabbie cars drove hail yellow
🚗	automobile car red_car	driving vehicle
🚘	oncoming_automobile	car drove vehicle
🚙	sport_utility_vehicle blue_car	drive recreational sportutility
🛻	pickup_truck	automobile car flatbed pick up transportation
🚚	delivery_truck truck	car drive vehicle
🚛	articulated_lorry	car drive move semi truck vehicle
🚜	tractor	vehicle
🏎️	racing_car	zoom
🏍️	motorcycle	racing
🛵	motor_scooter	
🦽	manual_wheelchair	accessibility
🦼	motorized_wheelchair	accessibility
🛺	auto_rickshaw	tuk
🚲	bicycle bike	class cycle cycling cyclist gang ride spin spinning
🛴	kick_scooter	
🛹	skateboard	board skate skater wheels
🛼	roller_skate	blades sport
🚏	bus_stop busstop	
🛣️	motorway	highway road
🛤️	railway_track	train
🛢️	oil_drum	
⛽	fuel_pump fuelpump	diesel gas gasoline station
🛞	wheel	car circle tire turn vehicle
🚨	police_car_light rotating_light	alarm alert beacon emergency revolving siren
🚥	horizontal_traffic_light traffic_light	intersection signal stop stoplight
🚦	vertical_traffic_light	drove intersection signal stop stoplight
🛑	stop_sign	octagonal
🚧	construction	barrier
⚓	anchor	ship tool
🛟	ring_buoy	float life lifesaver preserver rescue safety save saver swim
⛵	sailboat boat	resort sailing sea yacht
🛶	canoe	boat
🚤	speedboat	billionaire boat lake luxury millionaire summer travel
🛳️	passenger_ship	
⛴️	ferry	boat passenger
🛥️	motor_boat	motorboat
🚢	ship	boat passenger travel
✈️	airplane	aeroplane fly flying jet plane travel
🛩️	small_airplane	aeroplane plane
🛫	airplane_departure flight_departure	aeroplane check in plane
🛬	airplane_arrival flight_arrival	aeroplane arriving landing plane
🪂	parachute	hang glide parasail skydive
💺	seat	chair
🚁	helicopter	copter roflcopter travel vehicle
🚟	suspension_railway	
🚠	mountain_cableway	cable gondola lift ski
🚡	aerial_tramway	cable car gondola ropeway
🛰️	satellite artificial_satellite	space
🚀	rocket	launch space travel
🛸	flying_saucer	aliens extra terrestrial ufo
🛎️	bellhop_bell	hotel
🧳	luggage	bag packing roller suitcase travel
⌛	hourglass_done hourglass	sand time timer
⏳	hourglass_not_done hourglass_flowing_sand	hours timer waiting yolo
⌚	watch	clock time
⏰	alarm_clock	hours hrs late time waiting
⏱️	stopwatch	clock time
⏲️	timer_clock	
🕰️	mantelpiece_clock	time
🕛	twelve_oclock clock12	clock time
🕧	twelve_thirty clock1230	clock time
🕐	one_oclock clock1	clock time
🕜	one_thirty clock130	clock time
🕑	two_oclock clock2	clock time
🕝	two_thirty clock230	clock time
🕒	three_oclock clock3	clock time
🕞	three_thirty clock330	clock time
🕓	four_oclock clock4	clock time
🕟	four_thirty clock430	clock time
🕔	five_oclock clock5	clock time
🕠	five_thirty clock530	clock time
🕕	six_oclock clock6	clock time
🕡	six_thirty clock630	clock
🕖	seven_oclock clock7	clock
🕢	seven_thirty clock730	clock
🕗	eight_oclock clock8	clock time
🕣	eight_thirty clock830	clock time
🕘	nine_oclock clock9	clock time
🕤	nine_thirty clock930	clock time
🕙	ten_oclock clock10	clock
🕥	ten_thirty clock1030	clock time
🕚	eleven_oclock clock11	clock time
🕦	eleven_thirty clock1130	clock time
🌑	new_moon	dark space
🌒	waxing_crescent_moon	dreams space
🌓	first_quarter_moon	space
🌔	waxing_gibbous_moon moon	space
🌕	full_moon	space
🌖	waning_gibbous_moon	space
🌗	last_quarter_moon	space
🌘	waning_crescent_moon	space
🌙	crescent_moon	ramadan space
🌚	new_moon_face new_moon_with_face	space
🌛	first_quarter_moon_face first_quarter_moon_with_face	space
🌜	last_quarter_moon_face last_quarter_moon_with_face	dreams
🌡️	thermometer	weather
☀️	sun sunny	bright rays space weather
🌝	full_moon_face full_moon_with_face	bright
🌞	sun_with_face	beach bright day heat shine sunny sunshine weather
🪐	ringed_planet	saturn saturnine
⭐	star	astronomy medium white
🌟	glowing_star star2	glittery glow night shining sparkle win
🌠	shooting_star stars	falling night space
🌌	milky_way	space
☁️	cloud	weather
⛅	sun_behind_cloud partly_sunny	cloudy weather
⛈️	cloud_with_lightning_and_rain	thunder thunderstorm
🌤️	sun_behind_small_cloud	weather
🌥️	sun_behind_large_cloud	weather
🌦️	sun_behind_rain_cloud	weather
🌧️	cloud_with_rain	weather
🌨️	cloud_with_snow	cold weather
🌩️	cloud_with_lightning	weather
🌪️	tornado	cloud weather whirlwind
🌫️	fog	cloud weather
🌬️	wind_face	blow cloud
🌀	cyclone	dizzy hurricane twister typhoon weather
🌈	rainbow	gay genderqueer glbt glbtq lesbian lgbt lgbtq lgbtqia nature pride queer rain trans transgender weather
🌂	closed_umbrella	clothing rain
☂️	umbrella open_umbrella	clothing rain
☔	umbrella_with_rain_drops umbrella	clothing drop weather
⛱️	umbrella_on_ground parasol_on_ground	rain sun
⚡	high_voltage zap	danger electric electricity lightning nature thunder thunderbolt
❄️	snowflake	cold snow weather
☃️	snowman snowman_with_snow	cold man
⛄	snowman_without_snow snowman	cold man
☄️	comet	space
🔥	fire	af burn flame hot lit litaf tool
💧	droplet	cold comic drop nature sad sweat tear water weather
🌊	water_wave ocean	nature surf surfer surfing

🎃	jack_o_lantern	celebration halloween pumpkin
🎄	christmas_tree	celebration
🎆	fireworks	boom celebration entertainment yolo
🎇	sparkler	boom celebration fireworks sparkle
🧨	firecracker	dynamite explosive fire fireworks light pop popping spark
✨	sparkles	magic sparkle star
🎈	balloon	birthday celebrate celebration
🎉	party_popper tada	awesome birthday celebrate celebration excited hooray woohoo
🎊	confetti_ball	celebrate celebration party woohoo
🎋	tanabata_tree	banner celebration japanese
🎍	pine_decoration bamboo	celebration japanese plant
🎎	japanese_dolls dolls	celebration doll festival
🎏	carp_streamer flags	celebration
🎐	wind_chime	bell celebration
🎑	moon_viewing_ceremony rice_scene	celebration
🧧	red_envelope	gift good hóngbāo lai luck money see
🎀	ribbon	celebration
🎁	wrapped_gift gift	birthday bow box celebration christmas present surprise
🎗️	reminder_ribbon	celebration
🎟️	admission_tickets tickets	ticket
🎫	ticket	admission stub
🎖️	military_medal medal_military	award celebration
🏆	trophy	champion champs prize slay sport victory win winning
🏅	sports_medal medal_sports	award gold winner
🥇	1st_place_medal	st first gold
🥈	2nd_place_medal	nd second silver
🥉	3rd_place_medal	rd bronze third
⚽	soccer_ball soccer	football futbol sport
⚾	baseball	ball sport
🥎	softball	ball glove sports underarm
🏀	basketball	ball hoop sport
🏐	volleyball	ball game
🏈	american_football football	ball bowl sport super
🏉	rugby_football	ball sport
🎾	tennis	ball racquet sport
🥏	flying_disc	ultimate
🎳	bowling	ball game sport strike
🏏	cricket_game	ball bat
🏑	field_hockey	ball game stick
🏒	ice_hockey	game puck stick
🥍	lacrosse	ball goal sports stick
🏓	ping_pong	ball bat game paddle pingpong table tennis
🏸	badminton	birdie game racquet shuttlecock
🥊	boxing_glove	
🥋	martial_arts_uniform	judo karate taekwondo
🥅	goal_net	
⛳	flag_in_hole golf	sport
⛸️	ice_skate	skating
🎣	fishing_pole fishing_pole_and_fish	entertainment sport
🤿	diving_mask	scuba snorkeling
🎽	running_shirt running_shirt_with_sash	athletics
🎿	skis ski	snow sport
🛷	sled	luge sledge sleigh snow toboggan
🥌	curling_stone	game rock
🎯	bullseye dart	bull direct entertainment game hit target
🪀	yo_yo	fluctuate toy
🪁	kite	fly soar
🔫	water_pistol gun	handgun revolver tool weapon
🎱	pool_8_ball 8ball	billiard eight game
🔮	crystal_ball	fairy fairytale fantasy fortune future magic tale tool
🪄	magic_wand	magician witch wizard
🎮	video_game	controller entertainment
🕹️	joystick	game video videogame
🎰	slot_machine	casino gamble gambling game
🎲	game_die	dice entertainment
🧩	puzzle_piece jigsaw	clue interlocking
🧸	teddy_bear	plaything plush stuffed toy
🪅	pinata	candy celebrate celebration cinco de festive mayo party pinada
🪩	mirror_ball	dance disco glitter party
🪆	nesting_dolls	babooshka baboushka babushka doll matryoshka russia
♠️	spade_suit spades	card game
♥️	heart_suit hearts	card emotion game
♦️	diamond_suit diamonds	card game
♣️	club_suit clubs	card game
♟️	chess_pawn	dupe expendable
🃏	joker black_joker	card game wildcard
🀄	mahjong_red_dragon mahjong	game
🎴	flower_playing_cards	card game japanese
🎭	performing_arts	actor actress art entertainment mask theater theatre thespian
🖼️	framed_picture	art frame museum painting
🎨	artist_palette art	artsy arty colorful creative entertainment museum painter painting
🧵	thread	needle sewing spool string
🪡	sewing_needle	embroidery sew stitches sutures tailoring thread
🧶	yarn	ball crochet knit
🪢	knot	cord rope tangled tie twine twist

👓	glasses eyeglasses	clothing eye eyewear
🕶️	sunglasses dark_sunglasses	eye eyewear glasses
🥽	goggles	dive eye protection scuba swimming welding
🥼	lab_coat	clothes doctor dr experiment jacket scientist white
🦺	safety_vest	emergency
👔	necktie	clothing employed serious shirt tie
👕	t_shirt shirt tshirt	blue casual clothes clothing collar dressed shopping weekend
👖	jeans	blue casual clothes clothing denim dressed pants shopping trousers weekend
🧣	scarf	bundle cold neck up
🧤	gloves	hand
🧥	coat	brr bundle cold jacket up
🧦	socks	stocking
👗	dress	clothes clothing dressed fancy shopping
👘	kimono	clothing comfortable
🥻	sari	clothing dress
🩱	one_piece_swimsuit	bathing suit
🩲	briefs swim_brief	bathing one piece suit swimsuit underwear
🩳	shorts	bathing pants suit swimsuit underwear
👙	bikini	bathing beach clothing pool suit swim
👚	womans_clothes	blouse clothing collar dress dressed lady shirt shopping woman
🪭	folding_hand_fan	clack clap cool cooling dance flirt flutter hot shy
👛	purse	clothes clothing coin dress fancy handbag shopping
👜	handbag	bag clothes clothing dress lady purse shopping
👝	clutch_bag pouch	clothes clothing dress handbag purse
🛍️	shopping_bags shopping	bag hotel
🎒	backpack school_satchel	backpacking bag bookbag education rucksack
🩴	thong_sandal	beach flip flop shoe zōri
👞	mans_shoe shoe	brown clothes clothing feet foot kick man shopping
👟	running_shoe athletic_shoe	clothes clothing fast kick shopping sneaker tennis
🥾	hiking_boot	backpacking brown camping outdoors shoe
🥿	flat_shoe	ballet comfy slip on slipper
👠	high_heeled_shoe high_heel	clothes clothing dress fashion shopping stiletto woman
👡	womans_sandal sandal	clothing shoe woman
🩰	ballet_shoes	dance
👢	womans_boot boot	clothes clothing dress shoe shopping woman
🪮	hair_pick	afro comb groom
👑	crown	clothing family king medieval queen royal royalty win
👒	womans_hat	clothes clothing garden party woman
🎩	top_hat tophat	clothes clothing fancy formal magic
🎓	graduation_cap mortar_board	celebration clothing education hat scholar
🧢	billed_cap	baseball bent dad hat
🪖	military_helmet	army soldier war warrior
⛑️	rescue_workers_helmet rescue_worker_helmet	aid cross face hat
📿	prayer_beads	clothing necklace religion
💄	lipstick	cosmetics date makeup
💍	ring	diamond engaged engagement married romance shiny sparkling wedding
💎	gem_stone gem	diamond engagement jewel money romance wedding
🔇	muted_speaker mute	quiet silent sound
🔈	speaker_low_volume speaker	soft sound
🔉	speaker_medium_volume sound	
🔊	speaker_high_volume loud_sound	music
📢	loudspeaker	address communication loud public sound
📣	megaphone mega	cheering sound
📯	postal_horn	post
🔔	bell	break church sound
🔕	bell_with_slash no_bell	forbidden mute not prohibited quiet silent sound
🎼	musical_score	music note
🎵	musical_note	music sound
🎶	musical_notes notes	music note sound
🎙️	studio_microphone	mic music
🎚️	level_slider	music
🎛️	control_knobs	music
🎤	microphone	karaoke mic music sing sound
🎧	headphone headphones	earbud sound
📻	radio	entertainment tbt video
🎷	saxophone	instrument music sax
🎺	trumpet	instrument music
🪊	trombone	brass instrument jazz music sad slide
🪗	accordion	box concertina instrument music squeeze squeezebox
🎸	guitar	instrument music strat
🎹	musical_keyboard	instrument music piano
🎻	violin	instrument music
🪕	banjo	music stringed
🥁	drum	drumsticks music
🪘	long_drum	beat conga instrument rhythm
🪇	maracas	cha dance instrument music party percussion rattle shake shaker
🪈	flute	band fife flautist instrument marching music orchestra piccolo pipe recorder woodwind
🪉	harp	cupid instrument love music orchestra
📱	mobile_phone iphone	cell communication telephone
📲	mobile_phone_with_arrow calling	build call cell communication receive telephone
☎️	telephone phone	
📞	telephone_receiver	communication phone voip
📟	pager	communication
📠	fax_machine fax	communication
🔋	battery	
🪫	low_battery	drained electronic energy power
🔌	electric_plug	electricity
💻	laptop computer	office pc personal
🖥️	desktop_computer	monitor
🖨️	printer	computer
⌨️	keyboard	computer
🖱️	computer_mouse	
🖲️	trackball	computer
💽	computer_disk minidisc	minidisk optical
💾	floppy_disk	computer
💿	optical_disk cd	blu ray computer dvd
📀	dvd	blu ray cd computer disk optical
🧮	abacus	calculation calculator
🎥	movie_camera	bollywood cinema film hollywood record
🎞️	film_frames film_strip	cinema movie
📽️	film_projector	cinema movie video
🎬	clapper_board clapper	action movie
📺	television tv	video
📷	camera	photo selfie snap tbt trip video
📸	camera_with_flash camera_flash	video
📹	video_camera	camcorder tbt
📼	videocassette vhs	old school tape vcr video
🔍	magnifying_glass_tilted_left mag	lab pointing science search tool
🔎	magnifying_glass_tilted_right mag_right	contact lab pointing science search tool
🕯️	candle	light
💡	light_bulb bulb	comic electric idea
🔦	flashlight	electric light tool torch
🏮	red_paper_lantern izakaya_lantern lantern	bar light restaurant
🪔	diya_lamp	light oil
📔	notebook_with_decorative_cover	book decorated education school writing
📕	closed_book	education
📖	open_book book	education fantasy knowledge library novels reading
📗	green_book	education fantasy library reading
📘	blue_book	education fantasy library reading
📙	orange_book	education fantasy library reading
📚	books	book education fantasy knowledge library novels reading school study
📓	notebook	
📒	ledger	notebook
📃	page_with_curl	document paper
📜	scroll	paper
📄	page_facing_up	document paper
📰	newspaper	communication news paper
🗞️	rolled_up_newspaper newspaper_roll	news paper
📑	bookmark_tabs	mark marker
🔖	bookmark	mark
🏷️	label	tag
🪙	coin	dollar euro gold metal money rich silver treasure
💰	money_bag moneybag	bank bet billion cash cost dollar gold million paid paying pot rich win
🪎	treasure_chest	gem gold jewels loot money prize silver valuables wealth
💴	yen_banknote yen	bank bill currency money note
💵	dollar_banknote dollar	bank bill currency money note
💶	euro_banknote euro	bank bill currency money note rich
💷	pound_banknote pound	bank bill billion cash currency money note
💸	money_with_wings	bank banknote bill billion cash dollar fly million note pay
💳	credit_card	bank cash charge money pay
🧾	receipt	accounting bookkeeping evidence invoice proof
💹	chart_increasing_with_yen chart	bank currency graph growth market money rise trend upward
✉️	envelope	mail email letter
📧	e_mail e-mail email	letter
📨	incoming_envelope	delivering mail email letter receive sent
📩	envelope_with_arrow	communication down mail email letter outgoing send sent
📤	outbox_tray	box email letter mail sent
📥	inbox_tray	box email letter mail receive zero
📦	package	box communication delivery parcel shipping
📫	closed_mailbox_with_raised_flag mailbox	communication mail postbox
📪	closed_mailbox_with_lowered_flag mailbox_closed	mail postbox
📬	open_mailbox_with_raised_flag mailbox_with_mail	postbox
📭	open_mailbox_with_lowered_flag mailbox_with_no_mail	postbox
📮	postbox	mail mailbox
🗳️	ballot_box_with_ballot ballot_box	
✏️	pencil pencil2	
✒️	black_nib	pen
🖋️	fountain_pen	
🖊️	pen	ballpoint
🖌️	paintbrush	painting
🖍️	crayon	
📝	memo pencil	communication media notes
💼	briefcase	office
📁	file_folder	
📂	open_file_folder	
🗂️	card_index_dividers	
📅	calendar date	
📆	tear_off_calendar calendar	
🗒️	spiral_notepad	note pad
🗓️	spiral_calendar	pad
📇	card_index	old rolodex school
📈	chart_increasing chart_with_upwards_trend	data graph growth right up upward
📉	chart_decreasing chart_with_downwards_trend	data down downward graph negative
📊	bar_chart	data graph
📋	clipboard	do list notes
📌	pushpin	collage pin
📍	round_pushpin	location map pin
📎	paperclip	
🖇️	linked_paperclips paperclips	link paperclip
📏	straight_ruler	angle edge math straightedge
📐	triangular_ruler	angle math rule set slide triangle
✂️	scissors	cut cutting paper tool
🗃️	card_file_box	
🗄️	file_cabinet	filing paper
🗑️	wastebasket	can garbage trash waste
🔒	locked lock	closed private
🔓	unlocked unlock	cracked lock open
🔏	locked_with_pen lock_with_ink_pen	nib privacy
🔐	locked_with_key closed_lock_with_key	bike secure
🔑	key	lock major password unlock
🗝️	old_key	clue lock
🔨	hammer	home improvement repairs tool
🪓	axe	ax chop hatchet split wood
⛏️	pick	hammer mining tool
⚒️	hammer_and_pick	tool
🛠️	hammer_and_wrench	spanner tool
🗡️	dagger	knife weapon
⚔️	crossed_swords	weapon
💣	bomb	boom comic dangerous explosion hot
🪃	boomerang	rebound repercussion weapon
🏹	bow_and_arrow	archer archery sagittarius tool weapon zodiac
🛡️	shield	weapon
🪚	carpentry_saw	carpenter cut lumber tool trim
🔧	wrench	home improvement spanner tool
🪛	screwdriver	flathead handy screw tool
🔩	nut_and_bolt	home improvement tool
⚙️	gear	cog cogwheel tool
🗜️	clamp	compress tool vice
⚖️	balance_scale	justice libra tool weight zodiac
🦯	white_cane probing_cane	accessibility blind
🔗	link	
⛓️‍💥	broken_chain	break breaking cuffs freedom
⛓️	chains	chain
🪝	hook	catch crook curve ensnare point selling
🧰	toolbox	box chest mechanic red tool
🧲	magnet	attraction horseshoe magnetic negative positive shape
🪜	ladder	climb rung step
🪏	shovel	bury dig garden hole plant scoop snow spade
⚗️	alembic	chemistry tool
🧪	test_tube	chemist chemistry experiment lab science
🧫	petri_dish	bacteria biologist biology culture lab
🧬	dna	biologist evolution gene genetics life
🔬	microscope	experiment lab science tool
🔭	telescope	contact extraterrestrial science tool
📡	satellite_antenna satellite	aliens contact dish science
💉	syringe	doctor flu medicine needle shot sick tool vaccination
🩸	drop_of_blood	bleed donation injury medicine menstruation
💊	pill	doctor drugs medicated medicine sick vitamin
🩹	adhesive_bandage	
🩼	crutch	aid cane disability help hurt injured mobility stick
🩺	stethoscope	doctor heart medicine
🩻	x_ray	bones doctor medical skeleton skull xray
🚪	door	back closet front
🛗	elevator	accessibility hoist lift
🪞	mirror	makeup reflection reflector speculum
🪟	window	air frame fresh opening transparent view
🛏️	bed	hotel sleep
🛋️	couch_and_lamp	hotel
🪑	chair	seat sit
🚽	toilet	bathroom
🪠	plunger	cup force plumber poop suction toilet
🚿	shower	water
🛁	bathtub	bath
🪤	mouse_trap	bait cheese lure mousetrap snare
🪒	razor	sharp shave
🧴	lotion_bottle	moisturizer shampoo sunscreen
🧷	safety_pin	diaper punk rock
🧹	broom	cleaning sweeping witch
🧺	basket	farming laundry picnic
🧻	roll_of_paper	toilet towels
🪣	bucket	cask pail vat
🧼	soap	bar bathing clean cleaning lather soapdish
🫧	bubbles	bubble burp clean floating pearl soap underwater
🪥	toothbrush	bathroom brush clean dental hygiene teeth toiletry
🧽	sponge	absorbing cleaning porous soak
🧯	fire_extinguisher	extinguish quench
🛒	shopping_cart	trolley
🚬	cigarette smoking	
⚰️	coffin	dead death vampire
🪦	headstone	cemetery dead grave graveyard memorial rip tomb tombstone
⚱️	funeral_urn	ashes death
🧿	nazar_amulet	bead blue charm evil eye talisman
🪬	hamsa	amulet fatima fortune guide hand mary miriam palm protect protection
🗿	moai moyai	face statue stoneface travel
🪧	placard	card demonstration notice picket plaque protest sign
🪪	identification_card	credentials document id license security

🏧	atm_sign atm	automated bank cash money teller
🚮	litter_in_bin_sign put_litter_in_its_place	litterbin
🚰	potable_water	drinking
♿	wheelchair_symbol wheelchair	access handicap
🚹	mens_room mens	bathroom lavatory man men restroom toilet wc
🚺	womens_room womens	bathroom lavatory restroom toilet wc woman women
🚻	restroom	bathroom lavatory toilet wc
🚼	baby_symbol	changing
🚾	water_closet wc	bathroom lavatory restroom toilet
🛂	passport_control	
🛃	customs	packing
🛄	baggage_claim	arrived bags case checked journey packing plane ready travel trip
🛅	left_luggage	baggage case locker
⚠️	warning	caution
🚸	children_crossing	child pedestrian traffic
⛔	no_entry	do fail forbidden not pass prohibited traffic
🚫	prohibited no_entry_sign	forbidden not smoke
🚳	no_bicycles	bicycle bike forbidden not prohibited
🚭	no_smoking	forbidden not prohibited smoke
🚯	no_littering do_not_litter	forbidden prohibited
🚱	non_potable_water non-potable_water	dry drinking prohibited
🚷	no_pedestrians	forbidden not pedestrian prohibited
📵	no_mobile_phones	cell forbidden not phone prohibited telephone
🔞	no_one_under_eighteen underage	age forbidden not prohibited restriction
☢️	radioactive	sign
☣️	biohazard	sign
⬆️	up_arrow arrow_up	cardinal direction north
↗️	up_right_arrow arrow_upper_right	direction intercardinal northeast
➡️	right_arrow arrow_right	cardinal direction east
↘️	down_right_arrow arrow_lower_right	direction intercardinal southeast
⬇️	down_arrow arrow_down	cardinal direction south
↙️	down_left_arrow arrow_lower_left	direction intercardinal southwest
⬅️	left_arrow arrow_left	cardinal direction west
↖️	up_left_arrow arrow_upper_left	direction intercardinal northwest
↕️	up_down_arrow arrow_up_down	
↔️	left_right_arrow	
↩️	right_arrow_curving_left leftwards_arrow_with_hook	
↪️	left_arrow_curving_right arrow_right_hook	
⤴️	right_arrow_curving_up arrow_heading_up	
⤵️	right_arrow_curving_down arrow_heading_down	
🔃	clockwise_vertical_arrows arrows_clockwise	arrow refresh reload
🔄	counterclockwise_arrows_button arrows_counterclockwise	again anticlockwise arrow deja refresh rewindershins vu
🔙	back_arrow back	
🔚	end_arrow end	
🔛	on_arrow on	mark
🔜	soon_arrow soon	brb omw
🔝	top_arrow top	homie up
🛐	place_of_worship	pray religion
⚛️	atom_symbol	atheist
🕉️	om	hindu religion
✡️	star_of_david	jew jewish judaism religion
☸️	wheel_of_dharma	buddhist religion
☯️	yin_yang	difficult lives religion tao taoist total yinyang
✝️	latin_cross	christ christian religion
☦️	orthodox_cross	christian religion
☪️	star_and_crescent	islam muslim ramadan religion
☮️	peace_symbol	healing peaceful
🕎	menorah	candelabrum candlestick hanukkah jewish judaism religion
🔯	dotted_six_pointed_star six_pointed_star	fortune jewish judaism
🪯	khanda	deg fateh khalsa religion sikh sikhism tegh
♈	aries	horoscope ram zodiac
♉	taurus	bull horoscope ox zodiac
♊	gemini	horoscope twins zodiac
♋	cancer	crab horoscope zodiac
♌	leo	horoscope lion zodiac
♍	virgo	horoscope zodiac
♎	libra	balance horoscope justice scales zodiac
♏	scorpio scorpius	horoscope scorpion zodiac
♐	sagittarius	archer horoscope zodiac
♑	capricorn	goat horoscope zodiac
♒	aquarius	bearer horoscope water zodiac
♓	pisces	fish horoscope zodiac
⛎	ophiuchus	bearer serpent snake zodiac
🔀	shuffle_tracks_button twisted_rightwards_arrows	arrow crossed
🔁	repeat_button repeat	arrow clockwise
🔂	repeat_single_button repeat_one	arrow clockwise once
▶️	play_button arrow_forward	right triangle
⏩	fast_forward_button fast_forward	arrow double
⏭️	next_track_button	arrow scene triangle
⏯️	play_or_pause_button	arrow right triangle
◀️	reverse_button arrow_backward	left triangle
⏪	fast_reverse_button rewind	arrow double
⏮️	last_track_button previous_track_button	arrow scene triangle
🔼	upwards_button arrow_up_small	red
⏫	fast_up_button arrow_double_up	
🔽	downwards_button arrow_down_small	red
⏬	fast_down_button arrow_double_down	
⏸️	pause_button	bar double vertical
⏹️	stop_button	square
⏺️	record_button	circle
⏏️	eject_button	
🎦	cinema	camera film movie
🔅	dim_button low_brightness	
🔆	bright_button high_brightness	light
📶	antenna_bars signal_strength	bar cell communication mobile phone telephone
🛜	wireless	broadband computer connectivity hotspot internet network router smartphone wi fi wifi wlan
📳	vibration_mode	cell communication mobile phone telephone
📴	mobile_phone_off	cell telephone
♀️	female_sign	woman
♂️	male_sign	man
⚧️	transgender_symbol	
✖️	multiply heavy_multiplication_x	cancel sign
➕	plus heavy_plus_sign	
➖	minus heavy_minus_sign	math
➗	divide heavy_division_sign	math
🟰	heavy_equals_sign	answer equal equality math
♾️	infinity	forever unbounded universal
‼️	double_exclamation_mark bangbang	punctuation
⁉️	exclamation_question_mark interrobang	punctuation
❓	red_question_mark question	punctuation
❔	white_question_mark grey_question	outlined punctuation
❕	white_exclamation_mark grey_exclamation	outlined punctuation
❗	red_exclamation_mark exclamation heavy_exclamation_mark	punctuation
〰️	wavy_dash	punctuation
💱	currency_exchange	bank money
💲	heavy_dollar_sign	billion cash charge currency million money pay
⚕️	medical_symbol	aesculapius medicine staff
♻️	recycling_symbol recycle	
⚜️	fleur_de_lis	knights
🔱	trident_emblem trident	anchor poseidon ship tool
📛	name_badge	
🔰	japanese_symbol_for_beginner beginner	chevron green leaf tool yellow
⭕	hollow_red_circle o	heavy large
✅	check_mark_button white_check_mark	checked checkmark complete completed done fixed tick
☑️	check_box_with_check ballot_box_with_check	checked done off tick
✔️	check_mark heavy_check_mark	checked checkmark done tick
❌	cross_mark x	cancel multiplication multiply
❎	cross_mark_button negative_squared_cross_mark	multiplication multiply square
➰	curly_loop	curl
➿	double_curly_loop loop	curl
〽️	part_alternation_mark	
✳️	eight_spoked_asterisk	
✴️	eight_pointed_star eight_pointed_black_star	
❇️	sparkle	
©️	copyright	
®️	registered	
™️	trade_mark tm	trademark
🫟	splatter	drip holi ink liquid mess paint spill stain
#️⃣	keycap_# hash	
*️⃣	keycap_* asterisk	
0️⃣	keycap_0 zero	
1️⃣	keycap_1 one	
2️⃣	keycap_2 two	
3️⃣	keycap_3 three	
4️⃣	keycap_4 four	
5️⃣	keycap_5 five	
6️⃣	keycap_6 six	
7️⃣	keycap_7 seven	
8️⃣	keycap_8 eight	
9️⃣	keycap_9 nine	
🔟	keycap_10 keycap_ten	
🔠	input_latin_uppercase capital_abcd	letters
🔡	input_latin_lowercase abcd	letters
🔢	input_numbers 1234	
🔣	input_symbols symbols	
🔤	input_latin_letters abc	alphabet
🅰️	a_button_blood_type a	
🆎	ab_button_blood_type ab	
🅱️	b_button_blood_type b	
🆑	cl_button cl	
🆒	cool_button cool	
🆓	free_button free	
ℹ️	information information_source	
🆔	id_button id	identity
Ⓜ️	circled_m m	circle
🆕	new_button new	
🆖	ng_button ng	
🅾️	o_button_blood_type o2	
🆗	ok_button ok	okay
🅿️	p_button parking	
🆘	sos_button sos	help
🆙	up_button up	mark
🆚	vs_button vs	versus
🈁	japanese_here_button koko	katakana
🈂️	japanese_service_charge_button sa	katakana
🈷️	japanese_monthly_amount_button u6708	ideograph
🈶	japanese_not_free_of_charge_button u6709	ideograph
🈯	japanese_reserved_button u6307	ideograph
🉐	japanese_bargain_button ideograph_advantage	
🈹	japanese_discount_button u5272	ideograph
🈚	japanese_free_of_charge_button u7121	ideograph
🈲	japanese_prohibited_button u7981	ideograph
🉑	japanese_acceptable_button accept	ideograph
🈸	japanese_application_button u7533	ideograph
🈴	japanese_passing_grade_button u5408	ideograph
🈳	japanese_vacancy_button u7a7a	ideograph
㊗️	japanese_congratulations_button congratulations	ideograph
㊙️	japanese_secret_button secret	ideograph
🈺	japanese_open_for_business_button u55b6	ideograph
🈵	japanese_no_vacancy_button u6e80	ideograph
🔴	red_circle	geometric
🟠	orange_circle	
🟡	yellow_circle	
🟢	green_circle	
🔵	blue_circle large_blue_circle	geometric
🟣	purple_circle	
🟤	brown_circle	
⚫	black_circle	geometric
⚪	white_circle	geometric
🟥	red_square	card penalty
🟧	orange_square	
🟨	yellow_square	card penalty
🟩	green_square	
🟦	blue_square	
🟪	purple_square	
🟫	brown_square	
⬛	black_large_square	geometric
⬜	white_large_square	geometric
◼️	black_medium_square	geometric
◻️	white_medium_square	geometric
◾	black_medium_small_square	geometric
◽	white_medium_small_square	geometric
▪️	black_small_square	geometric
▫️	white_small_square	geometric
🔶	large_orange_diamond	geometric
🔷	large_blue_diamond	geometric
🔸	small_orange_diamond	geometric
🔹	small_blue_diamond	geometric
🔺	red_triangle_pointed_up small_red_triangle	geometric
🔻	red_triangle_pointed_down small_red_triangle_down	geometric
💠	diamond_with_a_dot diamond_shape_with_a_dot_inside	comic geometric
🔘	radio_button	geometric
🔳	white_square_button	geometric outlined
🔲	black_square_button	geometric

🏁	chequered_flag checkered_flag	finish game race racing sport win
🚩	triangular_flag triangular_flag_on_post	construction golf
🎌	crossed_flags	celebration cross japanese
🏴	black_flag	waving
🏳️	white_flag	waving
🏳️‍🌈	rainbow_flag	bisexual gay genderqueer glbt glbtq lesbian lgbt lgbtq lgbtqia pride queer trans transgender
🏳️‍⚧️	transgender_flag	blue light pink white
🏴‍☠️	pirate_flag	jolly plunder roger treasure
🇦🇨	flag_ascension_island ascension_island	ac
🇦🇩	flag_andorra andorra	ad
🇦🇪	flag_united_arab_emirates united_arab_emirates	ae
🇦🇫	flag_afghanistan afghanistan	af
🇦🇬	flag_antigua_barbuda antigua_barbuda	ag
🇦🇮	flag_anguilla anguilla	ai
🇦🇱	flag_albania albania	al
🇦🇲	flag_armenia armenia	am
🇦🇴	flag_angola angola	ao
🇦🇶	flag_antarctica antarctica	aq
🇦🇷	flag_argentina argentina	ar
🇦🇸	flag_american_samoa american_samoa	as
🇦🇹	flag_austria austria	at
🇦🇺	flag_australia australia	au
🇦🇼	flag_aruba aruba	aw
🇦🇽	flag_aland_islands aland_islands	ax
🇦🇿	flag_azerbaijan azerbaijan	az
🇧🇦	flag_bosnia_herzegovina bosnia_herzegovina	ba
🇧🇧	flag_barbados barbados	bb
🇧🇩	flag_bangladesh bangladesh	bd
🇧🇪	flag_belgium belgium	be
🇧🇫	flag_burkina_faso burkina_faso	bf
🇧🇬	flag_bulgaria bulgaria	bg
🇧🇭	flag_bahrain bahrain	bh
🇧🇮	flag_burundi burundi	bi
🇧🇯	flag_benin benin	bj
🇧🇱	flag_st_barthelemy st_barthelemy	bl
🇧🇲	flag_bermuda bermuda	bm
🇧🇳	flag_brunei brunei	bn
🇧🇴	flag_bolivia bolivia	bo
🇧🇶	flag_caribbean_netherlands caribbean_netherlands	bq
🇧🇷	flag_brazil brazil	br
🇧🇸	flag_bahamas bahamas	bs
🇧🇹	flag_bhutan bhutan	bt
🇧🇻	flag_bouvet_island bouvet_island	bv
🇧🇼	flag_botswana botswana	bw
🇧🇾	flag_belarus belarus	by
🇧🇿	flag_belize belize	bz
🇨🇦	flag_canada canada	ca
🇨🇨	flag_cocos_keeling_islands cocos_islands	cc
🇨🇩	flag_congo_kinshasa congo_kinshasa	cd
🇨🇫	flag_central_african_republic central_african_republic	cf
🇨🇬	flag_congo_brazzaville congo_brazzaville	cg
🇨🇭	flag_switzerland switzerland	ch
🇨🇮	flag_cote_divoire cote_divoire	ci
🇨🇰	flag_cook_islands cook_islands	ck
🇨🇱	flag_chile chile	cl
🇨🇲	flag_cameroon cameroon	cm
🇨🇳	flag_china cn	
🇨🇴	flag_colombia colombia	co
🇨🇵	flag_clipperton_island clipperton_island	cp
🇨🇶	flag_sark	cq
🇨🇷	flag_costa_rica costa_rica	cr
🇨🇺	flag_cuba cuba	cu
🇨🇻	flag_cape_verde cape_verde	cv
🇨🇼	flag_curacao curacao	cw
🇨🇽	flag_christmas_island christmas_island	cx
🇨🇾	flag_cyprus cyprus	cy
🇨🇿	flag_czechia czech_republic	cz
🇩🇪	flag_germany de	
🇩🇬	flag_diego_garcia diego_garcia	dg
🇩🇯	flag_djibouti djibouti	dj
🇩🇰	flag_denmark denmark	dk
🇩🇲	flag_dominica dominica	dm
🇩🇴	flag_dominican_republic dominican_republic	do
🇩🇿	flag_algeria algeria	dz
🇪🇦	flag_ceuta_melilla ceuta_melilla	ea
🇪🇨	flag_ecuador ecuador	ec
🇪🇪	flag_estonia estonia	ee
🇪🇬	flag_egypt egypt	eg
🇪🇭	flag_western_sahara western_sahara	eh
🇪🇷	flag_eritrea eritrea	er
🇪🇸	flag_spain es	
🇪🇹	flag_ethiopia ethiopia	et
🇪🇺	flag_european_union eu european_union	
🇫🇮	flag_finland finland	fi
🇫🇯	flag_fiji fiji	fj
🇫🇰	flag_falkland_islands falkland_islands	fk
🇫🇲	flag_micronesia micronesia	fm
🇫🇴	flag_faroe_islands faroe_islands	fo
🇫🇷	flag_france fr	
🇬🇦	flag_gabon gabon	ga
🇬🇧	flag_united_kingdom gb uk	
🇬🇩	flag_grenada grenada	gd
🇬🇪	flag_georgia georgia	ge
🇬🇫	flag_french_guiana french_guiana	gf
🇬🇬	flag_guernsey guernsey	gg
🇬🇭	flag_ghana ghana	gh
🇬🇮	flag_gibraltar gibraltar	gi
🇬🇱	flag_greenland greenland	gl
🇬🇲	flag_gambia gambia	gm
🇬🇳	flag_guinea guinea	gn
🇬🇵	flag_guadeloupe guadeloupe	gp
🇬🇶	flag_equatorial_guinea equatorial_guinea	gq
🇬🇷	flag_greece greece	gr
🇬🇸	flag_south_georgia_south_sandwich_islands south_georgia_south_sandwich_islands	gs
🇬🇹	flag_guatemala guatemala	gt
🇬🇺	flag_guam guam	gu
🇬🇼	flag_guinea_bissau guinea_bissau	gw
🇬🇾	flag_guyana guyana	gy
🇭🇰	flag_hong_kong_sar_china hong_kong	hk
🇭🇲	flag_heard_mcdonald_islands heard_mcdonald_islands	hm
🇭🇳	flag_honduras honduras	hn
🇭🇷	flag_croatia croatia	hr
🇭🇹	flag_haiti haiti	ht
🇭🇺	flag_hungary hungary	hu
🇮🇨	flag_canary_islands canary_islands	ic
🇮🇩	flag_indonesia indonesia	id
🇮🇪	flag_ireland ireland	ie
🇮🇱	flag_israel israel	il
🇮🇲	flag_isle_of_man isle_of_man	im
🇮🇳	flag_india india	in
🇮🇴	flag_british_indian_ocean_territory british_indian_ocean_territory	io
🇮🇶	flag_iraq iraq	iq
🇮🇷	flag_iran iran	ir
🇮🇸	flag_iceland iceland	is
🇮🇹	flag_italy it	
🇯🇪	flag_jersey jersey	je
🇯🇲	flag_jamaica jamaica	jm
🇯🇴	flag_jordan jordan	jo
🇯🇵	flag_japan jp	
🇰🇪	flag_kenya kenya	ke
🇰🇬	flag_kyrgyzstan kyrgyzstan	kg
🇰🇭	flag_cambodia cambodia	kh
🇰🇮	flag_kiribati kiribati	ki
🇰🇲	flag_comoros comoros	km
🇰🇳	flag_st_kitts_nevis st_kitts_nevis	kn
🇰🇵	flag_north_korea north_korea	kp
🇰🇷	flag_south_korea kr	
🇰🇼	flag_kuwait kuwait	kw
🇰🇾	flag_cayman_islands cayman_islands	ky
🇰🇿	flag_kazakhstan kazakhstan	kz
🇱🇦	flag_laos laos	la
🇱🇧	flag_lebanon lebanon	lb
🇱🇨	flag_st_lucia st_lucia	lc
🇱🇮	flag_liechtenstein liechtenstein	li
🇱🇰	flag_sri_lanka sri_lanka	lk
🇱🇷	flag_liberia liberia	lr
🇱🇸	flag_lesotho lesotho	ls
🇱🇹	flag_lithuania lithuania	lt
🇱🇺	flag_luxembourg luxembourg	lu
🇱🇻	flag_latvia latvia	lv
🇱🇾	flag_libya libya	ly
🇲🇦	flag_morocco morocco	ma
🇲🇨	flag_monaco monaco	mc
🇲🇩	flag_moldova moldova	md
🇲🇪	flag_montenegro montenegro	me
🇲🇫	flag_st_martin st_martin	mf
🇲🇬	flag_madagascar madagascar	mg
🇲🇭	flag_marshall_islands marshall_islands	mh
🇲🇰	flag_north_macedonia macedonia	mk
🇲🇱	flag_mali mali	ml
🇲🇲	flag_myanmar_burma myanmar	mm
🇲🇳	flag_mongolia mongolia	mn
🇲🇴	flag_macao_sar_china macau	mo
🇲🇵	flag_northern_mariana_islands northern_mariana_islands	mp
🇲🇶	flag_martinique martinique	mq
🇲🇷	flag_mauritania mauritania	mr
🇲🇸	flag_montserrat montserrat	ms
🇲🇹	flag_malta malta	mt
🇲🇺	flag_mauritius mauritius	mu
🇲🇻	flag_maldives maldives	mv
🇲🇼	flag_malawi malawi	mw
🇲🇽	flag_mexico mexico	mx
🇲🇾	flag_malaysia malaysia	my
🇲🇿	flag_mozambique mozambique	mz
🇳🇦	flag_namibia namibia	na
🇳🇨	flag_new_caledonia new_caledonia	nc
🇳🇪	flag_niger niger	ne
🇳🇫	flag_norfolk_island norfolk_island	nf
🇳🇬	flag_nigeria nigeria	ng
🇳🇮	flag_nicaragua nicaragua	ni
🇳🇱	flag_netherlands netherlands	nl
🇳🇴	flag_norway norway	no
🇳🇵	flag_nepal nepal	np
🇳🇷	flag_nauru nauru	nr
🇳🇺	flag_niue niue	nu
🇳🇿	flag_new_zealand new_zealand	nz
🇴🇲	flag_oman oman	om
🇵🇦	flag_panama panama	pa
🇵🇪	flag_peru peru	pe
🇵🇫	flag_french_polynesia french_polynesia	pf
🇵🇬	flag_papua_new_guinea papua_new_guinea	pg
🇵🇭	flag_philippines philippines	ph
🇵🇰	flag_pakistan pakistan	pk
🇵🇱	flag_poland poland	pl
🇵🇲	flag_st_pierre_miquelon st_pierre_miquelon	pm
🇵🇳	flag_pitcairn_islands pitcairn_islands	pn
🇵🇷	flag_puerto_rico puerto_rico	pr
🇵🇸	flag_palestinian_territories palestinian_territories	ps
🇵🇹	flag_portugal portugal	pt
🇵🇼	flag_palau palau	pw
🇵🇾	flag_paraguay paraguay	py
🇶🇦	flag_qatar qatar	qa
🇷🇪	flag_reunion reunion	re
🇷🇴	flag_romania romania	ro
🇷🇸	flag_serbia serbia	rs
🇷🇺	flag_russia ru	
🇷🇼	flag_rwanda rwanda	rw
🇸🇦	flag_saudi_arabia saudi_arabia	sa
🇸🇧	flag_solomon_islands solomon_islands	sb
🇸🇨	flag_seychelles seychelles	sc
🇸🇩	flag_sudan sudan	sd
🇸🇪	flag_sweden sweden	se
🇸🇬	flag_singapore singapore	sg
🇸🇭	flag_st_helena st_helena	sh
🇸🇮	flag_slovenia slovenia	si
🇸🇯	flag_svalbard_jan_mayen svalbard_jan_mayen	sj
🇸🇰	flag_slovakia slovakia	sk
🇸🇱	flag_sierra_leone sierra_leone	sl
🇸🇲	flag_san_marino san_marino	sm
🇸🇳	flag_senegal senegal	sn
🇸🇴	flag_somalia somalia	so
🇸🇷	flag_suriname suriname	sr
🇸🇸	flag_south_sudan south_sudan	ss
🇸🇹	flag_sao_tome_principe sao_tome_principe	st
🇸🇻	flag_el_salvador el_salvador	sv
🇸🇽	flag_sint_maarten sint_maarten	sx
🇸🇾	flag_syria syria	sy
🇸🇿	flag_eswatini swaziland	sz
🇹🇦	flag_tristan_da_cunha tristan_da_cunha	ta
🇹🇨	flag_turks_caicos_islands turks_caicos_islands	tc
🇹🇩	flag_chad chad	td
🇹🇫	flag_french_southern_territories french_southern_territories	tf
🇹🇬	flag_togo togo	tg
🇹🇭	flag_thailand thailand	th
🇹🇯	flag_tajikistan tajikistan	tj
🇹🇰	flag_tokelau tokelau	tk
🇹🇱	flag_timor_leste timor_leste	tl
🇹🇲	flag_turkmenistan turkmenistan	tm
🇹🇳	flag_tunisia tunisia	tn
🇹🇴	flag_tonga tonga	to
🇹🇷	flag_turkiye tr	
🇹🇹	flag_trinidad_tobago trinidad_tobago	tt
🇹🇻	flag_tuvalu tuvalu	tv
🇹🇼	flag_taiwan taiwan	tw
🇹🇿	flag_tanzania tanzania	tz
🇺🇦	flag_ukraine ukraine	ua
🇺🇬	flag_uganda uganda	ug
🇺🇲	flag_us_outlying_islands us_outlying_islands	um
🇺🇳	flag_united_nations united_nations	un
🇺🇸	flag_united_states us	
🇺🇾	flag_uruguay uruguay	uy
🇺🇿	flag_uzbekistan uzbekistan	uz
🇻🇦	flag_vatican_city vatican_city	va
🇻🇨	flag_st_vincent_grenadines st_vincent_grenadines	vc
🇻🇪	flag_venezuela venezuela	ve
🇻🇬	flag_british_virgin_islands british_virgin_islands	vg
🇻🇮	flag_us_virgin_islands us_virgin_islands	vi
🇻🇳	flag_vietnam vietnam	vn
🇻🇺	flag_vanuatu vanuatu	vu
🇼🇫	flag_wallis_futuna wallis_futuna	wf
🇼🇸	flag_samoa samoa	ws
🇽🇰	flag_kosovo kosovo	xk
🇾🇪	flag_yemen yemen	ye
🇾🇹	flag_mayotte mayotte	yt
🇿🇦	flag_south_africa south_africa	za
🇿🇲	flag_zambia zambia	zm
🇿🇼	flag_zimbabwe zimbabwe	zw
🏴󠁧󠁢󠁥󠁮󠁧󠁿	flag_england england	gbeng
🏴󠁧󠁢󠁳󠁣󠁴󠁿	flag_scotland scotland	gbsct
🏴󠁧󠁢󠁷󠁬󠁳󠁿	flag_wales wales	gbwls`;
