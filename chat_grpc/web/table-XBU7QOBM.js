var a=`😀	grinning_face grinning	grin happy laugh smile smiling teeth
😃	grinning_face_with_big_eyes smiley	awesome grin happy mouth open smile smiling teeth
😄	grinning_face_with_smiling_eyes smile	eye grin happy laugh lol mouth open
😁	beaming_face_with_smiling_eyes grin	eye grinning happy smile teeth
😆	grinning_squinting_face laughing satisfied	closed eyes happy laugh lol mouth open smile smiling
😅	grinning_face_with_sweat sweat_smile	cold excited mouth nervous open smiling
🤣	rolling_on_the_floor_laughing rofl	crying face happy joy laugh lol tear
😂	face_with_tears_of_joy joy	crying feels happy laugh lol tear
🙂	slightly_smiling_face	happy smile
🙃	upside_down_face	smile
🫠	melting_face	hot lol sarcastic
😉	winking_face wink	flirt
😊	smiling_face_with_smiling_eyes blush	eye smile
😇	smiling_face_with_halo innocent	fairy fairytale fantasy happy smile tale
🥰	smiling_face_with_hearts smiling_face_with_three_hearts	heart ily love romance smile you
😍	smiling_face_with_heart_eyes heart_eyes	bae eye feels ily kisses love romance smile xoxo
🤩	star_struck	excited eyes face grinning smile wow
😘	face_blowing_a_kiss kissing_heart	bae flirt ily love xoxo you
😗	kissing_face kissing	date dating flirt ily kiss love xoxo you
☺️	smiling_face relaxed	happy smile
😚	kissing_face_with_closed_eyes kissing_closed_eyes	bae date dating eye flirt ily kisses xoxo
😙	kissing_face_with_smiling_eyes kissing_smiling_eyes	closed date dating eye flirt ily kiss love night smile
🥲	smiling_face_with_tear	happy joy smile
😋	face_savoring_food yum	eat full hungry smile smiling
😛	face_with_tongue stuck_out_tongue	awesome party sweet
😜	winking_face_with_tongue stuck_out_tongue_winking_eye	party yolo
🤪	zany_face	eye large small
😝	squinting_face_with_tongue stuck_out_tongue_closed_eyes	eye omg whatever yolo
🤑	money_mouth_face	
🤗	smiling_face_with_open_hands hugs	
🤭	face_with_hand_over_mouth hand_over_mouth	secret shock surprise
🫢	face_with_open_eyes_and_hand_over_mouth	disbelief omg quiet scared shock surprise
🫣	face_with_peeking_eye	scared
🤫	shushing_face	quiet
🤔	thinking_face thinking	
🫡	saluting_face	good ok
🤐	zipper_mouth_face	quiet secret
🤨	face_with_raised_eyebrow raised_eyebrow	disbelief surprise what
😐	neutral_face	awkward meh oh shade unhappy whatever
😑	expressionless_face expressionless	awkward dead meh not oh omg unhappy whatever
😶	face_without_mouth no_mouth	awkward quiet secret
🫥	dotted_line_face	meh whatever
😶‍🌫️	face_in_clouds	head
😏	smirking_face smirk	flirt shade
😒	unamused_face unamused	bored smh unhappy whatever
🙄	face_with_rolling_eyes roll_eyes	shade whatever
😬	grimacing_face grimacing	awkward grinning smile smiling
😮‍💨	face_exhaling	
🤥	lying_face	
🫨	shaking_face	omg shock surprise wow
🙂‍↔️	head_shaking_horizontally	no shake
🙂‍↕️	head_shaking_vertically	
😌	relieved_face relieved	peace
😔	pensive_face pensive	bored disappointed sad
😪	sleepy_face sleepy	crying good night sad sleep tired
🤤	drooling_face	
😴	sleeping_face sleeping	good night sleep tired whatever
🫩	face_with_bags_under_eyes	bored sleepy tired
😷	face_with_medical_mask mask	cold doctor medicine sick
🤒	face_with_thermometer	sick
🤕	face_with_head_bandage	
🤢	nauseated_face	sick
🤮	face_vomiting vomiting_face	sick throw up
🤧	sneezing_face	sick
🥵	hot_face	red
🥶	cold_face	blue teeth
🥴	woozy_face	eyes mouth
😵	face_with_crossed_out_eyes dizzy_face	dead feels sick tired
😵‍💫	face_with_spiral_eyes	omg
🤯	exploding_head	no shocked
🤠	cowboy_hat_face	
🥳	partying_face	birthday celebrate celebration excited happy hat party
🥸	disguised_face	person
😎	smiling_face_with_sunglasses sunglasses	awesome beach bright bro smile win
🤓	nerd_face	
🧐	face_with_monocle monocle_face	
😕	confused_face confused	frown meh not sad
🫤	face_with_diagonal_mouth	disappointed frustrated meh whatever
😟	worried_face worried	anxious nervous sad surprised
🙁	slightly_frowning_face	frown sad
☹️	frowning_face	frown sad
😮	face_with_open_mouth open_mouth	omg shocked surprised wow you
😯	hushed_face hushed	omg surprised
😲	astonished_face astonished	no omg shocked
😳	flushed_face flushed	awkward dead disbelief hot what wow
🫪	distorted_face	shocked surprised
🥺	pleading_face	big eyes not sad
🥹	face_holding_back_tears	joy sad
😦	frowning_face_with_open_mouth frowning	frown scared scary surprise what wow
😧	anguished_face anguished	scared scary surprise unhappy what wow
😨	fearful_face fearful	anxious scared
😰	anxious_face_with_sweat cold_sweat	blue mouth nervous open scared
😥	sad_but_relieved_face disappointed_relieved	anxious not sweat time
😢	crying_face cry	feels sad tear unhappy
😭	loudly_crying_face sob	sad tear unhappy
😱	face_screaming_in_fear scream	scared shocked surprised
😖	confounded_face confounded	feels frustrated mad sad
😣	persevering_face persevere	headache
😞	disappointed_face disappointed	sad unhappy
😓	downcast_face_with_sweat sweat	cold feels headache nervous sad scared
😩	weary_face weary	crying feels hungry mad sad sleepy tired unhappy
😫	tired_face	feels sad
🥱	yawning_face	bored night sleep sleepy tired whatever
😤	face_with_steam_from_nose triumph	anger angry feels mad unhappy
😡	enraged_face pout rage	anger angry feels mad pouting red shade unhappy upset
😠	angry_face angry	anger feels frustrated mad shade unhappy upset
🤬	face_with_symbols_on_mouth cursing_face	mad
😈	smiling_face_with_horns smiling_imp	evil fairy fairytale fantasy purple shade smile tale
👿	angry_face_with_horns imp	evil fairy fairytale fantasy purple shade tale
💀	skull	body dead face fairy fairytale monster tale yolo
☠️	skull_and_crossbones	dead face monster
💩	pile_of_poo hankey poop shit	comic face monster smh
🤡	clown_face	
👹	ogre japanese_ogre	creature face fairy fairytale fantasy mask monster scary tale
👺	goblin japanese_goblin	angry creature face fairy fairytale fantasy mask monster tale
👻	ghost	creature excited face fairy fairytale fantasy halloween monster scary tale
👽	alien	creature face fairy fairytale fantasy monster space tale
👾	alien_monster space_invader	creature face fairy fairytale fantasy game tale
🤖	robot	face monster
😺	grinning_cat smiley_cat	animal face mouth open smile smiling
😸	grinning_cat_with_smiling_eyes smile_cat	animal eye face grin
😹	cat_with_tears_of_joy joy_cat	animal face laugh lol tear
😻	smiling_cat_with_heart_eyes heart_eyes_cat	animal eye face love smile
😼	cat_with_wry_smile smirk_cat	animal face
😽	kissing_cat	animal closed eye face kiss
🙀	weary_cat scream_cat	animal face oh surprised
😿	crying_cat crying_cat_face	animal sad tear
😾	pouting_cat	animal face
🙈	see_no_evil_monkey see_no_evil	face forbidden gesture omg prohibited scared secret smh
🙉	hear_no_evil_monkey hear_no_evil	animal face forbidden gesture not prohibited secret
🙊	speak_no_evil_monkey speak_no_evil	animal face forbidden gesture not prohibited quiet secret
💌	love_letter	heart mail romance
💘	heart_with_arrow cupid	date emotion ily love romance
💝	heart_with_ribbon gift_heart	anniversary emotion ily kisses xoxo
💖	sparkling_heart	emotion excited good ily kisses night xoxo
💗	growing_heart heartpulse	emotion excited ily kisses nervous xoxo
💓	beating_heart heartbeat	emotion ily love
💞	revolving_hearts	anniversary emotion heart
💕	two_hearts	anniversary date dating emotion heart ily kisses love xoxo
💟	heart_decoration	emotion purple white
❣️	heart_exclamation heavy_heart_exclamation	mark punctuation
💔	broken_heart	emotion sad
❤️‍🔥	heart_on_fire	love
❤️‍🩹	mending_heart	
❤️	red_heart heart	emotion love
🩷	pink_heart	emotion ily love sweet
🧡	orange_heart	
💛	yellow_heart	emotion ily love
💚	green_heart	emotion ily love
💙	blue_heart	emotion ily love romance
🩵	light_blue_heart	emotion ily love
💜	purple_heart	emotion ily love
🤎	brown_heart	
🖤	black_heart	evil
🩶	grey_heart	emotion ily love
🤍	white_heart	
💋	kiss_mark kiss	dating emotion heart kissing romance
💯	hundred_points 100	full point
💢	anger_symbol anger	angry comic mad upset
🫯	fight_cloud	
💥	collision boom	comic
💫	dizzy	comic star
💦	sweat_droplets sweat_drops	comic water
💨	dashing_away dash	cloud comic fast
🕳️	hole	
💬	speech_balloon	bubble comic
👁️‍🗨️	eye_in_speech_bubble eye_speech_bubble	balloon
🗨️	left_speech_bubble	balloon
🗯️	right_anger_bubble	angry balloon mad
💭	thought_balloon	bubble cloud comic
💤	zzz	comic good night sleep sleepy tired

👋*	waving_hand wave	you
🤚*	raised_back_of_hand	backhand
🖐️*	hand_with_fingers_splayed raised_hand_with_fingers_splayed	finger stop
✋*	raised_hand hand	five high stop
🖖*	vulcan_salute	finger hand
🫱*	rightwards_hand	hold right shake
🫲*	leftwards_hand	hold left shake
🫳*	palm_down_hand	pick up
🫴*	palm_up_hand	catch hold me
🫷*	leftwards_pushing_hand	five high hold stop
🫸*	rightwards_pushing_hand	five high hold stop
👌*	ok_hand	awesome sweet three
🤌*	pinched_fingers	gesture hand hold relax sarcastic what
🤏*	pinching_hand	fingers small
✌️*	victory_hand v	peace
🤞*	crossed_fingers	cross finger hand
🫰*	hand_with_index_finger_and_thumb_crossed	heart love money
🤟*	love_you_gesture	fingers hand ily three
🤘*	sign_of_the_horns metal	finger hand rock
🤙*	call_me_hand	
👈*	backhand_index_pointing_left point_left	finger hand
👉*	backhand_index_pointing_right point_right	finger hand
👆*	backhand_index_pointing_up point_up_2	finger hand
🖕*	middle_finger fu	hand
👇*	backhand_index_pointing_down point_down	finger hand
☝️*	index_pointing_up point_up	finger hand
🫵*	index_pointing_at_the_viewer	finger hand you
👍*	thumbs_up +1 thumbsup	good hand
👎*	thumbs_down -1 thumbsdown	good hand no
✊*	raised_fist fist fist_raised	hand
👊*	oncoming_fist facepunch fist_oncoming punch	boom bro hand rock
🤛*	left_facing_fist fist_left	
🤜*	right_facing_fist fist_right	
👏*	clapping_hands clap	awesome excited good hand
🙌*	raising_hands raised_hands	celebration gesture hand
🫶*	heart_hands	love you
👐*	open_hands	hand
🤲*	palms_up_together	hands
🤝*	handshake	hand shake
🙏*	folded_hands pray	bow five gesture hand high
✍️*	writing_hand	
💅*	nail_polish nail_care	bored done whatever
🤳*	selfie	camera phone
💪*	flexed_biceps muscle	bro
🦾	mechanical_arm	accessibility
🦿	mechanical_leg	accessibility
🦵*	leg	kick
🦶*	foot	kick
👂*	ear	body hear sound
🦻*	ear_with_hearing_aid	accessibility
👃*	nose	body
🧠	brain	
🫀	anatomical_heart	red
🫁	lungs	
🦷	tooth	teeth white
🦴	bone	dog
👀	eyes	body eye face omg
👁️	eye	body one
👅	tongue	body
👄	mouth lips	beauty body kiss kissing
🫦	biting_lip	anxious flirt kiss nervous
👶*	baby	newborn young
🧒*	child	bright young
👦*	boy	bright child young
👧*	girl	bright child young zodiac
🧑*	person adult	
👱*	person_blond_hair blond_haired_person	
👨*	man	adult bro
🧔*	person_beard bearded_person	
🧔‍♂️*	man_beard	
🧔‍♀️*	woman_beard	
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
🧓*	older_person older_adult	old
👴*	old_man older_man	adult
👵*	old_woman older_woman	adult lady
🙍*	person_frowning frowning_person	disappointed frown frustrated gesture upset
🙍‍♂️*	man_frowning frowning_man	disappointed frown frustrated gesture upset
🙍‍♀️*	woman_frowning frowning_woman	disappointed frown frustrated gesture upset
🙎*	person_pouting pouting_face	disappointed frown upset
🙎‍♂️*	man_pouting pouting_man	disappointed frown upset
🙎‍♀️*	woman_pouting pouting_woman	disappointed frown upset
🙅*	person_gesturing_no no_good	forbidden gesture hand not
🙅‍♂️*	man_gesturing_no ng_man no_good_man	forbidden gesture hand not
🙅‍♀️*	woman_gesturing_no ng_woman no_good_woman	forbidden gesture hand not
🙆*	person_gesturing_ok ok_person	gesture hand omg
🙆‍♂️*	man_gesturing_ok ok_man	gesture hand omg
🙆‍♀️*	woman_gesturing_ok ok_woman	gesture hand omg
💁*	person_tipping_hand information_desk_person tipping_hand_person	flip sarcastic whatever
💁‍♂️*	man_tipping_hand sassy_man tipping_hand_man	flip sarcastic whatever
💁‍♀️*	woman_tipping_hand sassy_woman tipping_hand_woman	flip sarcastic whatever
🙋*	person_raising_hand raising_hand	gesture me pick question
🙋‍♂️*	man_raising_hand raising_hand_man	gesture me pick question
🙋‍♀️*	woman_raising_hand raising_hand_woman	gesture me pick question
🧏*	deaf_person	accessibility ear gesture hear
🧏‍♂️*	deaf_man	accessibility ear gesture hear
🧏‍♀️*	deaf_woman	accessibility ear gesture hear
🙇*	person_bowing bow	gesture meditation
🙇‍♂️*	man_bowing bowing_man	bow gesture meditation
🙇‍♀️*	woman_bowing bowing_woman	bow gesture meditation
🤦*	person_facepalming facepalm	disbelief no not oh omg shock smh
🤦‍♂️*	man_facepalming	disbelief no not oh omg shock smh
🤦‍♀️*	woman_facepalming	disbelief no not oh omg shock smh
🤷*	person_shrugging shrug	whatever
🤷‍♂️*	man_shrugging	whatever
🤷‍♀️*	woman_shrugging	whatever
🧑‍⚕️*	health_worker	doctor
👨‍⚕️*	man_health_worker	doctor
👩‍⚕️*	woman_health_worker	doctor
🧑‍🎓*	student	
👨‍🎓*	man_student	
👩‍🎓*	woman_student	
🧑‍🏫*	teacher	
👨‍🏫*	man_teacher	
👩‍🏫*	woman_teacher	
🧑‍⚖️*	judge	justice law scales
👨‍⚖️*	man_judge	justice law scales
👩‍⚖️*	woman_judge	justice law scales
🧑‍🌾*	farmer	
👨‍🌾*	man_farmer	
👩‍🌾*	woman_farmer	
🧑‍🍳*	cook	
👨‍🍳*	man_cook	
👩‍🍳*	woman_cook	
🧑‍🔧*	mechanic	
👨‍🔧*	man_mechanic	
👩‍🔧*	woman_mechanic	
🧑‍🏭*	factory_worker	
👨‍🏭*	man_factory_worker	
👩‍🏭*	woman_factory_worker	
🧑‍💼*	office_worker	business white collar
👨‍💼*	man_office_worker	business white collar
👩‍💼*	woman_office_worker	business white collar
🧑‍🔬*	scientist	biologist
👨‍🔬*	man_scientist	biologist
👩‍🔬*	woman_scientist	biologist
🧑‍💻*	technologist	computer
👨‍💻*	man_technologist	computer
👩‍💻*	woman_technologist	computer
🧑‍🎤*	singer	rock star
👨‍🎤*	man_singer	rock star
👩‍🎤*	woman_singer	rock star
🧑‍🎨*	artist	
👨‍🎨*	man_artist	
👩‍🎨*	woman_artist	
🧑‍✈️*	pilot	plane
👨‍✈️*	man_pilot	plane
👩‍✈️*	woman_pilot	plane
🧑‍🚀*	astronaut	space
👨‍🚀*	man_astronaut	space
👩‍🚀*	woman_astronaut	space
🧑‍🚒*	firefighter	fire
👨‍🚒*	man_firefighter	fire
👩‍🚒*	woman_firefighter	fire
👮*	police_officer cop	law over
👮‍♂️*	man_police_officer policeman	law over
👮‍♀️*	woman_police_officer policewoman	law over
🕵️*	detective	
🕵️‍♂️*	man_detective male_detective	
🕵️‍♀️*	woman_detective female_detective	
💂*	guard	helmet
💂‍♂️*	man_guard guardsman	helmet
💂‍♀️*	woman_guard guardswoman	helmet
🥷*	ninja	person secret
👷*	construction_worker	hat man person
👷‍♂️*	man_construction_worker construction_worker_man	hat
👷‍♀️*	woman_construction_worker construction_worker_woman	hat man
🫅*	person_with_crown	
🤴*	prince	fairy fairytale fantasy tale
👸*	princess	fairy fairytale fantasy tale
👳*	person_wearing_turban person_with_turban	
👳‍♂️*	man_wearing_turban man_with_turban	
👳‍♀️*	woman_wearing_turban woman_with_turban	
👲*	person_with_skullcap man_with_gua_pi_mao	hat
🧕*	woman_with_headscarf	head
🤵*	person_in_tuxedo	wedding
🤵‍♂️*	man_in_tuxedo	groom wedding
🤵‍♀️*	woman_in_tuxedo	wedding
👰*	person_with_veil	wedding
👰‍♂️*	man_with_veil	wedding
👰‍♀️*	woman_with_veil bride_with_veil	wedding
🤰*	pregnant_woman	
🫃*	pregnant_man	full
🫄*	pregnant_person	full
🤱*	breast_feeding	baby woman
👩‍🍼*	woman_feeding_baby	newborn
👨‍🍼*	man_feeding_baby	newborn
🧑‍🍼*	person_feeding_baby	newborn
👼*	baby_angel angel	face fairy fairytale fantasy tale
🎅*	santa_claus santa	celebration christmas fairy fantasy tale
🤶*	mrs_claus	celebration christmas fairy fantasy tale
🧑‍🎄*	mx_claus	celebration christmas fairy fantasy tale
🦸*	superhero	good superpower
🦸‍♂️*	man_superhero superhero_man	good superpower
🦸‍♀️*	woman_superhero superhero_woman	good superpower
🦹*	supervillain	evil superpower
🦹‍♂️*	man_supervillain supervillain_man	evil superpower
🦹‍♀️*	woman_supervillain supervillain_woman	evil superpower
🧙*	mage	fantasy magic play witch
🧙‍♂️*	man_mage mage_man	fantasy magic play witch
🧙‍♀️*	woman_mage mage_woman	fantasy magic play witch
🧚*	fairy	fairytale fantasy myth person tale
🧚‍♂️*	man_fairy fairy_man	fairytale fantasy myth person tale
🧚‍♀️*	woman_fairy fairy_woman	fairytale fantasy myth person tale
🧛*	vampire	blood halloween scary teeth undead
🧛‍♂️*	man_vampire vampire_man	blood halloween scary teeth undead
🧛‍♀️*	woman_vampire vampire_woman	blood halloween scary teeth undead
🧜*	merperson	creature fairytale folklore ocean sea
🧜‍♂️*	merman	creature fairytale folklore ocean sea
🧜‍♀️*	mermaid	creature fairytale folklore ocean sea
🧝*	elf	fantasy folklore magic myth
🧝‍♂️*	man_elf elf_man	fantasy folklore magic myth
🧝‍♀️*	woman_elf elf_woman	fantasy folklore magic myth
🧞	genie	fantasy lamp myth
🧞‍♂️	man_genie genie_man	fantasy lamp myth
🧞‍♀️	woman_genie genie_woman	fantasy lamp myth
🧟	zombie	dead halloween scary undead walking
🧟‍♂️	man_zombie zombie_man	dead halloween scary undead walking
🧟‍♀️	woman_zombie zombie_woman	dead halloween scary undead walking
🧌	troll	fairy fantasy monster tale
🫈	hairy_creature	
💆*	person_getting_massage massage	face headache relax spa
💆‍♂️*	man_getting_massage massage_man	face headache relax spa
💆‍♀️*	woman_getting_massage massage_woman	face headache relax spa
💇*	person_getting_haircut haircut	beauty chop cut groom hair
💇‍♂️*	man_getting_haircut haircut_man	beauty chop cut groom hair person
💇‍♀️*	woman_getting_haircut haircut_woman	beauty chop cut groom hair person
🚶*	person_walking walking	amble gait hike man pace pedestrian stride stroll walk
🚶‍♂️*	man_walking walking_man	amble gait hike pace pedestrian stride stroll walk
🚶‍♀️*	woman_walking walking_woman	amble gait hike man pace pedestrian stride stroll walk
🚶‍➡️*	person_walking_facing_right	amble gait hike man pace pedestrian stride stroll walk
🚶‍♀️‍➡️*	woman_walking_facing_right	amble gait hike man pace pedestrian stride stroll walk
🚶‍♂️‍➡️*	man_walking_facing_right	amble gait hike pace pedestrian stride stroll walk
🧍*	person_standing standing_person	
🧍‍♂️*	man_standing standing_man	
🧍‍♀️*	woman_standing standing_woman	
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
💃*	woman_dancing dancer	dance
🕺*	man_dancing	dance dancer
🕴️*	person_in_suit_levitating business_suit_levitating	
👯*	people_with_bunny_ears dancers	bestie bff dancer double ear party
👯‍♂️*	men_with_bunny_ears dancing_men	bestie bff dancer double ear party people
👯‍♀️*	women_with_bunny_ears dancing_women	bestie bff dancer double ear party people
🧖*	person_in_steamy_room sauna_person	relax spa steam
🧖‍♂️*	man_in_steamy_room sauna_man	relax spa steam
🧖‍♀️*	woman_in_steamy_room sauna_woman	relax spa steam
🧗*	person_climbing climbing	mountain rock up
🧗‍♂️*	man_climbing climbing_man	mountain rock up
🧗‍♀️*	woman_climbing climbing_woman	mountain rock up
🤺	person_fencing	
🏇*	horse_racing	riding sport
⛷️	skier	ski snow
🏂*	snowboarder	ski snow sport
🏌️*	person_golfing golfing	ball golf green
🏌️‍♂️*	man_golfing golfing_man	ball golf green
🏌️‍♀️*	woman_golfing golfing_woman	ball golf green
🏄*	person_surfing surfer	beach ocean sport
🏄‍♂️*	man_surfing surfing_man	beach ocean sport
🏄‍♀️*	woman_surfing surfing_woman	beach ocean person sport
🚣*	person_rowing_boat rowboat	fishing
🚣‍♂️*	man_rowing_boat rowing_man	fishing
🚣‍♀️*	woman_rowing_boat rowing_woman	fishing
🏊*	person_swimming swimmer	sport swim
🏊‍♂️*	man_swimming swimming_man	sport swim
🏊‍♀️*	woman_swimming swimming_woman	man sport swim
⛹️*	person_bouncing_ball bouncing_ball_person	throw
⛹️‍♂️*	man_bouncing_ball basketball_man bouncing_ball_man	throw
⛹️‍♀️*	woman_bouncing_ball basketball_woman bouncing_ball_woman	throw
🏋️*	person_lifting_weights weight_lifting	
🏋️‍♂️*	man_lifting_weights weight_lifting_man	
🏋️‍♀️*	woman_lifting_weights weight_lifting_woman	
🚴*	person_biking bicyclist	bicycle bike cycle cyclist riding sport
🚴‍♂️*	man_biking biking_man	bicycle bicyclist bike cycle cyclist riding sport
🚴‍♀️*	woman_biking biking_woman	bicycle bicyclist bike cycle cyclist riding sport
🚵*	person_mountain_biking mountain_bicyclist	bicycle bike cycle cyclist riding sport
🚵‍♂️*	man_mountain_biking mountain_biking_man	bicycle bicyclist bike cycle cyclist riding sport
🚵‍♀️*	woman_mountain_biking mountain_biking_woman	bicycle bicyclist bike cycle cyclist riding sport
🤸*	person_cartwheeling cartwheeling	excited flip happy
🤸‍♂️*	man_cartwheeling	excited flip happy
🤸‍♀️*	woman_cartwheeling	excited flip happy
🤼*	people_wrestling wrestling	
🤼‍♂️*	men_wrestling	
🤼‍♀️*	women_wrestling	
🤽*	person_playing_water_polo water_polo	sport swimming
🤽‍♂️*	man_playing_water_polo	sport swimming
🤽‍♀️*	woman_playing_water_polo	sport swimming
🤾*	person_playing_handball handball_person	ball catch sport throw
🤾‍♂️*	man_playing_handball	ball catch sport throw
🤾‍♀️*	woman_playing_handball	ball catch sport throw
🤹*	person_juggling juggling_person	balance
🤹‍♂️*	man_juggling	balance
🤹‍♀️*	woman_juggling	balance
🧘*	person_in_lotus_position lotus_position	cross meditation peace relax
🧘‍♂️*	man_in_lotus_position lotus_position_man	cross meditation peace relax
🧘‍♀️*	woman_in_lotus_position lotus_position_woman	cross meditation peace relax
🛀*	person_taking_bath bath	
🛌*	person_in_bed sleeping_bed	good hotel night sleep tired
🧑‍🤝‍🧑+	people_holding_hands	bae bestie bff couple dating flirt friends hand hold twins
👭*	women_holding_hands two_women_holding_hands	bae bestie bff couple dating flirt friends hand hold twins
👫*	woman_and_man_holding_hands couple	bae bestie bff dating flirt friends hand hold twins
👬*	men_holding_hands two_men_holding_hands	bae bestie bff couple dating flirt friends hand hold twins
💏*	kiss couplekiss	anniversary babe bae couple date dating heart love person romance together xoxo
👩‍❤️‍💋‍👨+	kiss_woman_man couplekiss_man_woman	anniversary babe bae couple date dating heart love person romance together xoxo
👨‍❤️‍💋‍👨+	kiss_man_man couplekiss_man_man	anniversary babe bae couple date dating heart love person romance together xoxo
👩‍❤️‍💋‍👩+	kiss_woman_woman couplekiss_woman_woman	anniversary babe bae couple date dating heart love person romance together xoxo
💑*	couple_with_heart	anniversary babe bae dating kiss love person romance together you
👩‍❤️‍👨+	couple_with_heart_woman_man	anniversary babe bae dating kiss love person romance together you
👨‍❤️‍👨+	couple_with_heart_man_man	anniversary babe bae dating kiss love person romance together you
👩‍❤️‍👩+	couple_with_heart_woman_woman	anniversary babe bae dating kiss love person romance together you
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
🗣️	speaking_head	face
👤	bust_in_silhouette	
👥	busts_in_silhouette	bff people
🫂	people_hugging	love
👪	family	child
🧑‍🧑‍🧒	family_adult_adult_child	
🧑‍🧑‍🧒‍🧒	family_adult_adult_child_child	
🧑‍🧒	family_adult_child	
🧑‍🧒‍🧒	family_adult_child_child	
👣	footprints	clothing walk
🫆	fingerprint	

🐵	monkey_face	animal
🐒	monkey	animal
🦍	gorilla	animal
🦧	orangutan	animal monkey
🐶	dog_face dog	animal pet
🐕	dog dog2	animal pet
🦮	guide_dog	accessibility animal blind
🐕‍🦺	service_dog	accessibility animal
🐩	poodle	animal dog
🐺	wolf	animal face
🦊	fox fox_face	animal
🦝	raccoon	animal
🐱	cat_face cat	animal pet
🐈	cat cat2	animal pet
🐈‍⬛	black_cat	animal halloween
🦁	lion	animal face zodiac
🐯	tiger_face tiger	animal big cat
🐅	tiger tiger2	animal big cat zoo
🐆	leopard	animal big cat zoo
🐴	horse_face horse	animal farm
🫎	moose	animal
🫏	donkey	animal
🐎	horse racehorse	animal farm racing
🦄	unicorn	face
🦓	zebra	animal
🦌	deer	animal
🦬	bison	animal
🐮	cow_face cow	animal farm milk
🐂	ox	animal farm zodiac
🐃	water_buffalo	animal zoo
🐄	cow cow2	animal farm milk
🐷	pig_face pig	animal farm
🐖	pig pig2	animal farm
🐗	boar	animal
🐽	pig_nose	animal face farm
🐏	ram	animal zodiac zoo
🐑	ewe sheep	animal farm
🐐	goat	animal farm milk zodiac
🐪	camel dromedary_camel	animal desert one
🐫	two_hump_camel camel	animal desert
🦙	llama	animal
🦒	giraffe	animal
🐘	elephant	animal
🦣	mammoth	animal large
🦏	rhinoceros	animal
🦛	hippopotamus	animal
🐭	mouse_face mouse	animal
🐁	mouse mouse2	animal
🐀	rat	animal
🐹	hamster	animal face pet
🐰	rabbit_face rabbit	animal bunny pet
🐇	rabbit rabbit2	animal bunny pet
🐿️	chipmunk	animal
🦫	beaver	animal teeth
🦔	hedgehog	animal
🦇	bat	animal
🐻	bear	animal face
🐻‍❄️	polar_bear	animal white
🐨	koala	animal down face
🐼	panda panda_face	animal
🦥	sloth	
🦦	otter	animal fishing
🦨	skunk	animal
🦘	kangaroo	animal
🦡	badger	animal
🐾	paw_prints feet	
🦃	turkey	bird
🐔	chicken	animal bird ornithology
🐓	rooster	animal bird ornithology
🐣	hatching_chick	animal baby bird
🐤	baby_chick	animal bird ornithology
🐥	front_facing_baby_chick hatched_chick	animal bird newborn ornithology
🐦	bird	animal ornithology
🐧	penguin	animal bird ornithology
🕊️	dove	bird fly ornithology peace
🦅	eagle	animal bird ornithology
🦆	duck	animal bird ornithology
🦢	swan	animal bird ornithology
🦉	owl	animal bird ornithology
🦤	dodo	animal bird large ornithology
🪶	feather	bird light
🦩	flamingo	animal bird ornithology tropical
🦚	peacock	animal bird ornithology
🦜	parrot	animal bird ornithology
🪽	wing	bird fly
🐦‍⬛	black_bird	animal ornithology
🪿	goose	animal bird ornithology
🐦‍🔥	phoenix	fantasy
🐸	frog	animal face
🐊	crocodile	animal zoo
🐢	turtle	animal
🦎	lizard	animal
🐍	snake	animal zodiac
🐲	dragon_face	animal fairy fairytale tale
🐉	dragon	animal fairy fairytale tale
🦕	sauropod	
🦖	t_rex t-rex	
🐳	spouting_whale whale	animal beach face ocean
🐋	whale whale2	animal beach ocean
🐬	dolphin flipper	animal beach ocean
🫍	orca	ocean
🦭	seal	animal ocean sea
🐟	fish	animal fishing zodiac
🐠	tropical_fish	animal
🐡	blowfish	animal fish
🦈	shark	animal fish
🐙	octopus	animal creature ocean
🐚	spiral_shell shell	animal beach sea
🪸	coral	ocean sea
🪼	jellyfish	animal ocean sea
🦀	crab	zodiac
🦞	lobster	animal
🦐	shrimp	food small
🦑	squid	animal food
🦪	oyster	
🐌	snail	animal garden nature
🦋	butterfly	insect
🐛	bug	animal garden insect
🐜	ant	animal garden insect
🐝	honeybee bee	animal insect nature
🪲	beetle	animal insect
🐞	lady_beetle	animal garden insect nature
🦗	cricket	animal insect
🪳	cockroach	animal insect
🕷️	spider	animal insect
🕸️	spider_web	
🦂	scorpion	zodiac
🦟	mosquito	insect
🪰	fly	animal insect
🪱	worm	animal
🦠	microbe	science
💐	bouquet	anniversary birthday date flower love plant romance
🌸	cherry_blossom	flower plant
💮	white_flower	
🪷	lotus	beauty flower peace
🏵️	rosette	plant
🌹	rose	beauty flower love plant red
🥀	wilted_flower	
🌺	hibiscus	flower plant
🌻	sunflower	flower plant sun
🌼	blossom	flower plant
🌷	tulip	flower plant
🪻	hyacinth	flower plant purple
🌱	seedling	plant young
🪴	potted_plant	house pot
🌲	evergreen_tree	christmas
🌳	deciduous_tree	green
🌴	palm_tree	beach plant tropical
🌵	cactus	desert nature plant
🌾	sheaf_of_rice ear_of_rice	plant
🌿	herb	leaf plant
☘️	shamrock	plant
🍀	four_leaf_clover	plant
🍁	maple_leaf	
🍂	fallen_leaf	
🍃	leaf_fluttering_in_wind leaves	
🪹	empty_nest	home
🪺	nest_with_eggs	bird
🍄	mushroom	
🪾	leafless_tree	dead

🍇	grapes	fruit
🍈	melon	fruit
🍉	watermelon	fruit
🍊	tangerine mandarin orange	fruit
🍋	lemon	fruit
🍋‍🟩	lime	fruit tropical
🍌	banana	fruit
🍍	pineapple	fruit tropical
🥭	mango	food fruit tropical
🍎	red_apple apple	food fruit health
🍏	green_apple	fruit
🍐	pear	fruit
🍑	peach	fruit
🍒	cherries	fruit red
🍓	strawberry	fruit
🫐	blueberries	blue food fruit
🥝	kiwi_fruit	food
🍅	tomato	food fruit vegetable
🫒	olive	food
🥥	coconut	palm
🥑	avocado	food fruit
🍆	eggplant	vegetable
🥔	potato	food vegetable
🥕	carrot	food vegetable
🌽	ear_of_corn corn	farm
🌶️	hot_pepper	
🫑	bell_pepper	food vegetable
🥒	cucumber	food vegetable
🥬	leafy_green	
🥦	broccoli	
🧄	garlic	
🧅	onion	
🥜	peanuts	food vegetable
🫘	beans	food small
🌰	chestnut	plant
🫚	ginger_root	health
🫛	pea_pod	vegetable
🍄‍🟫	brown_mushroom	food nature vegetable
🫜	root_vegetable	food garden
🍞	bread	food restaurant
🥐	croissant	bread breakfast crescent food
🥖	baguette_bread	food
🫓	flatbread	bread food
🥨	pretzel	
🥯	bagel	bread breakfast
🥞	pancakes	breakfast food
🧇	waffle	breakfast
🧀	cheese_wedge cheese	
🍖	meat_on_bone	
🍗	poultry_leg	hungry
🥩	cut_of_meat	chop red
🥓	bacon	breakfast food
🍔	hamburger	eat fast food hungry
🍟	french_fries fries	fast food
🍕	pizza	food hungry
🌭	hot_dog hotdog	
🥪	sandwich	bread
🌮	taco	
🌯	burrito	
🫔	tamale	food
🥙	stuffed_flatbread	food
🧆	falafel	
🥚	egg	breakfast food
🍳	cooking fried_egg	breakfast over restaurant up
🥘	shallow_pan_of_food	
🍲	pot_of_food stew	
🫕	fondue	food pot ski
🥣	bowl_with_spoon	breakfast
🥗	green_salad	food
🍿	popcorn	movie
🧈	butter	
🧂	salt	mad upset
🥫	canned_food	
🍱	bento_box bento	food
🍘	rice_cracker	food
🍙	rice_ball	food japanese
🍚	cooked_rice rice	food
🍛	curry_rice curry	food
🍜	steaming_bowl ramen	food
🍝	spaghetti	food restaurant
🍠	roasted_sweet_potato sweet_potato	food
🍢	oden	food restaurant stick
🍣	sushi	food
🍤	fried_shrimp	
🍥	fish_cake_with_swirl fish_cake	food restaurant
🥮	moon_cake	
🍡	dango	dessert japanese stick sweet
🥟	dumpling	
🥠	fortune_cookie	
🥡	takeout_box	food
🍦	soft_ice_cream icecream	dessert food restaurant sweet
🍧	shaved_ice	dessert restaurant sweet
🍨	ice_cream	dessert food restaurant sweet
🍩	doughnut	breakfast dessert food sweet
🍪	cookie	dessert sweet
🎂	birthday_cake birthday	celebration dessert happy sweet
🍰	shortcake cake	dessert sweet
🧁	cupcake	dessert sweet
🥧	pie	fruit
🍫	chocolate_bar	dessert halloween sweet
🍬	candy	dessert halloween restaurant sweet
🍭	lollipop	dessert food restaurant sweet
🍮	custard	dessert sweet
🍯	honey_pot	food sweet
🍼	baby_bottle	drink milk newborn
🥛	glass_of_milk milk_glass	drink
☕	hot_beverage coffee	drink
🫖	teapot	drink food pot
🍵	teacup_without_handle tea	beverage drink
🍶	sake	bar beverage drink restaurant
🍾	bottle_with_popping_cork champagne	bar drink
🍷	wine_glass	alcohol bar beverage booze drink drinking restaurant
🍸	cocktail_glass cocktail	alcohol bar booze drink drinking mad men
🍹	tropical_drink	alcohol bar booze drinking party
🍺	beer_mug beer	alcohol bar booze drink drinking
🍻	clinking_beer_mugs beers	alcohol bar booze drinking drinks
🥂	clinking_glasses	celebrate drink glass
🥃	tumbler_glass	
🫗	pouring_liquid	drink glass water
🥤	cup_with_straw	drink water
🧋	bubble_tea	food milk
🧃	beverage_box	sweet
🧉	mate	drink
🧊	ice ice_cube	cold
🥢	chopsticks	
🍽️	fork_and_knife_with_plate plate_with_cutlery	eat
🍴	fork_and_knife	breakfast eat food hungry restaurant
🥄	spoon	eat
🔪	kitchen_knife hocho knife	tool weapon
🫙	jar	
🏺	amphora	drink tool weapon zodiac

🌍	globe_showing_europe_africa earth_africa	world
🌎	globe_showing_americas earth_americas	world
🌏	globe_showing_asia_australia earth_asia	world
🌐	globe_with_meridians	world
🗺️	world_map	
🗾	map_of_japan japan	
🧭	compass	direction
🏔️	snow_capped_mountain mountain_snow	cold
⛰️	mountain	
🛘	landslide	mountain
🌋	volcano	mountain nature
🗻	mount_fuji	mountain nature
🏕️	camping	
🏖️	beach_with_umbrella beach_umbrella	
🏜️	desert	
🏝️	desert_island	
🏞️	national_park	
🏟️	stadium	
🏛️	classical_building	
🏗️	building_construction	
🧱	brick bricks	
🪨	rock	heavy
🪵	wood	
🛖	hut	home house
🏘️	houses	house
🏚️	derelict_house	home
🏠	house	building heart home
🏡	house_with_garden	building heart home
🏢	office_building office	
🏣	japanese_post_office post_office	building
🏤	post_office european_post_office	building
🏥	hospital	building doctor medicine
🏦	bank	building
🏨	hotel	building
🏩	love_hotel	building
🏪	convenience_store	building
🏫	school	building
🏬	department_store	building
🏭	factory	building
🏯	japanese_castle	building
🏰	castle european_castle	building
💒	wedding	romance
🗼	tokyo_tower	
🗽	statue_of_liberty	
⛪	church	cross religion
🕌	mosque	religion
🛕	hindu_temple	
🕍	synagogue	religion
⛩️	shinto_shrine	religion
🕋	kaaba	religion
⛲	fountain	
⛺	tent	
🌁	foggy	
🌃	night_with_stars	star
🏙️	cityscape	
🌄	sunrise_over_mountains	sun
🌅	sunrise	nature sun
🌆	cityscape_at_dusk city_sunset	building sun
🌇	sunset city_sunrise	building sun
🌉	bridge_at_night	
♨️	hot_springs hotsprings	
🎠	carousel_horse	entertainment
🛝	playground_slide	play playing
🎡	ferris_wheel	
🎢	roller_coaster	
💈	barber_pole barber	cut
🎪	circus_tent	
🚂	locomotive steam_locomotive	railway train travel
🚃	railway_car	electric train travel
🚄	high_speed_train bullettrain_side	railway
🚅	bullet_train bullettrain_front	high speed railway travel
🚆	train train2	railway
🚇	metro	travel
🚈	light_rail	railway
🚉	station	railway train
🚊	tram	
🚝	monorail	vehicle
🚞	mountain_railway	car
🚋	tram_car train	bus
🚌	bus	school vehicle
🚍	oncoming_bus	
🚎	trolleybus	bus
🚐	minibus	bus drive vehicle
🚑	ambulance	vehicle
🚒	fire_engine	
🚓	police_car	
🚔	oncoming_police_car	
🚕	taxi	car drive vehicle yellow
🚖	oncoming_taxi	yellow
🚗	automobile car red_car	vehicle
🚘	oncoming_automobile	car vehicle
🚙	sport_utility_vehicle blue_car	drive
🛻	pickup_truck	car pick up
🚚	delivery_truck truck	car drive vehicle
🚛	articulated_lorry	car drive move vehicle
🚜	tractor	vehicle
🏎️	racing_car	
🏍️	motorcycle	racing
🛵	motor_scooter	
🦽	manual_wheelchair	accessibility
🦼	motorized_wheelchair	accessibility
🛺	auto_rickshaw	
🚲	bicycle bike	cycle cyclist
🛴	kick_scooter	
🛹	skateboard	
🛼	roller_skate	sport
🚏	bus_stop busstop	
🛣️	motorway	
🛤️	railway_track	train
🛢️	oil_drum	
⛽	fuel_pump fuelpump	
🛞	wheel	car circle vehicle
🚨	police_car_light rotating_light	
🚥	horizontal_traffic_light traffic_light	stop
🚦	vertical_traffic_light	stop
🛑	stop_sign	
🚧	construction	
⚓	anchor	tool
🛟	ring_buoy	swim
⛵	sailboat boat	sea
🛶	canoe	boat
🚤	speedboat	boat travel
🛳️	passenger_ship	
⛴️	ferry	boat
🛥️	motor_boat	
🚢	ship	boat travel
✈️	airplane	fly plane travel
🛩️	small_airplane	plane
🛫	airplane_departure flight_departure	plane
🛬	airplane_arrival flight_arrival	plane
🪂	parachute	
💺	seat	
🚁	helicopter	travel vehicle
🚟	suspension_railway	
🚠	mountain_cableway	ski
🚡	aerial_tramway	car
🛰️	satellite artificial_satellite	space
🚀	rocket	space travel
🛸	flying_saucer	
🛎️	bellhop_bell	hotel
🧳	luggage	bag travel
⌛	hourglass_done hourglass	time
⏳	hourglass_not_done hourglass_flowing_sand	yolo
⌚	watch	clock time
⏰	alarm_clock	time
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
🌑	new_moon	space
🌒	waxing_crescent_moon	space
🌓	first_quarter_moon	space
🌔	waxing_gibbous_moon moon	space
🌕	full_moon	space
🌖	waning_gibbous_moon	space
🌗	last_quarter_moon	space
🌘	waning_crescent_moon	space
🌙	crescent_moon	space
🌚	new_moon_face new_moon_with_face	space
🌛	first_quarter_moon_face first_quarter_moon_with_face	space
🌜	last_quarter_moon_face last_quarter_moon_with_face	
🌡️	thermometer	weather
☀️	sun sunny	bright space weather
🌝	full_moon_face full_moon_with_face	bright
🌞	sun_with_face	beach bright weather
🪐	ringed_planet	
⭐	star	medium white
🌟	glowing_star star2	night win
🌠	shooting_star stars	night space
🌌	milky_way	space
☁️	cloud	weather
⛅	sun_behind_cloud partly_sunny	weather
⛈️	cloud_with_lightning_and_rain	
🌤️	sun_behind_small_cloud	weather
🌥️	sun_behind_large_cloud	weather
🌦️	sun_behind_rain_cloud	weather
🌧️	cloud_with_rain	weather
🌨️	cloud_with_snow	cold weather
🌩️	cloud_with_lightning	weather
🌪️	tornado	cloud weather
🌫️	fog	cloud weather
🌬️	wind_face	cloud
🌀	cyclone	weather
🌈	rainbow	nature rain weather
🌂	closed_umbrella	clothing rain
☂️	umbrella open_umbrella	clothing rain
☔	umbrella_with_rain_drops umbrella	clothing weather
⛱️	umbrella_on_ground parasol_on_ground	rain sun
⚡	high_voltage zap	electric nature
❄️	snowflake	cold snow weather
☃️	snowman snowman_with_snow	cold man
⛄	snowman_without_snow snowman	cold man
☄️	comet	space
🔥	fire	hot tool
💧	droplet	cold comic nature sad sweat tear water weather
🌊	water_wave ocean	nature

🎃	jack_o_lantern	celebration halloween
🎄	christmas_tree	celebration
🎆	fireworks	boom celebration entertainment yolo
🎇	sparkler	boom celebration
🧨	firecracker	fire light
✨	sparkles	magic star
🎈	balloon	birthday celebrate celebration
🎉	party_popper tada	awesome birthday celebrate celebration excited
🎊	confetti_ball	celebrate celebration party
🎋	tanabata_tree	celebration japanese
🎍	pine_decoration bamboo	celebration japanese plant
🎎	japanese_dolls dolls	celebration
🎏	carp_streamer flags	celebration
🎐	wind_chime	celebration
🎑	moon_viewing_ceremony rice_scene	celebration
🧧	red_envelope	good money
🎀	ribbon	celebration
🎁	wrapped_gift gift	birthday bow box celebration christmas surprise
🎗️	reminder_ribbon	celebration
🎟️	admission_tickets tickets	
🎫	ticket	
🎖️	military_medal medal_military	celebration
🏆	trophy	sport win
🏅	sports_medal medal_sports	gold
🥇	1st_place_medal	gold
🥈	2nd_place_medal	
🥉	3rd_place_medal	
⚽	soccer_ball soccer	sport
⚾	baseball	ball sport
🥎	softball	ball
🏀	basketball	ball sport
🏐	volleyball	ball game
🏈	american_football football	ball sport
🏉	rugby_football	ball sport
🎾	tennis	ball sport
🥏	flying_disc	
🎳	bowling	ball game sport
🏏	cricket_game	ball
🏑	field_hockey	ball game stick
🏒	ice_hockey	game stick
🥍	lacrosse	ball stick
🏓	ping_pong	ball game
🏸	badminton	game
🥊	boxing_glove	
🥋	martial_arts_uniform	
🥅	goal_net	
⛳	flag_in_hole golf	sport
⛸️	ice_skate	
🎣	fishing_pole fishing_pole_and_fish	entertainment sport
🤿	diving_mask	
🎽	running_shirt running_shirt_with_sash	
🎿	skis ski	snow sport
🛷	sled	snow
🥌	curling_stone	game rock
🎯	bullseye dart	entertainment game
🪀	yo_yo	
🪁	kite	fly
🔫	water_pistol gun	tool weapon
🎱	pool_8_ball 8ball	eight game
🔮	crystal_ball	fairy fairytale fantasy magic tale tool
🪄	magic_wand	witch
🎮	video_game	entertainment
🕹️	joystick	game video
🎰	slot_machine	game
🎲	game_die	entertainment
🧩	puzzle_piece jigsaw	
🧸	teddy_bear	
🪅	pinata	celebrate celebration party
🪩	mirror_ball	dance party
🪆	nesting_dolls	
♠️	spade_suit spades	card game
♥️	heart_suit hearts	card emotion game
♦️	diamond_suit diamonds	card game
♣️	club_suit clubs	card game
♟️	chess_pawn	
🃏	joker black_joker	card game
🀄	mahjong_red_dragon mahjong	game
🎴	flower_playing_cards	card game japanese
🎭	performing_arts	entertainment mask
🖼️	framed_picture	
🎨	artist_palette art	entertainment
🧵	thread	
🪡	sewing_needle	
🧶	yarn	ball
🪢	knot	

👓	glasses eyeglasses	clothing eye
🕶️	sunglasses dark_sunglasses	eye
🥽	goggles	eye swimming
🥼	lab_coat	clothes doctor white
🦺	safety_vest	
👔	necktie	clothing
👕	t_shirt shirt tshirt	blue clothes clothing collar shopping
👖	jeans	blue clothes clothing shopping
🧣	scarf	cold up
🧤	gloves	hand
🧥	coat	cold up
🧦	socks	
👗	dress	clothes clothing shopping
👘	kimono	clothing
🥻	sari	clothing dress
🩱	one_piece_swimsuit	bathing suit
🩲	briefs swim_brief	bathing one suit
🩳	shorts	bathing suit
👙	bikini	bathing beach clothing suit swim
👚	womans_clothes	clothing collar dress lady shopping woman
🪭	folding_hand_fan	dance flirt hot
👛	purse	clothes clothing dress shopping
👜	handbag	bag clothes clothing dress lady shopping
👝	clutch_bag pouch	clothes clothing dress
🛍️	shopping_bags shopping	bag hotel
🎒	backpack school_satchel	bag education
🩴	thong_sandal	beach flip shoe
👞	mans_shoe shoe	brown clothes clothing kick man shopping
👟	running_shoe athletic_shoe	clothes clothing fast kick shopping
🥾	hiking_boot	brown shoe
🥿	flat_shoe	
👠	high_heeled_shoe high_heel	clothes clothing dress shopping woman
👡	womans_sandal sandal	clothing shoe woman
🩰	ballet_shoes	dance
👢	womans_boot boot	clothes clothing dress shoe shopping woman
🪮	hair_pick	groom
👑	crown	clothing family win
👒	womans_hat	clothes clothing garden party woman
🎩	top_hat tophat	clothes clothing magic
🎓	graduation_cap mortar_board	celebration clothing education hat
🧢	billed_cap	hat
🪖	military_helmet	
⛑️	rescue_workers_helmet rescue_worker_helmet	cross face hat
📿	prayer_beads	clothing religion
💄	lipstick	date
💍	ring	diamond romance wedding
💎	gem_stone gem	diamond money romance wedding
🔇	muted_speaker mute	quiet sound
🔈	speaker_low_volume speaker	sound
🔉	speaker_medium_volume sound	
🔊	speaker_high_volume loud_sound	music
📢	loudspeaker	communication sound
📣	megaphone mega	sound
📯	postal_horn	
🔔	bell	sound
🔕	bell_with_slash no_bell	forbidden not prohibited quiet sound
🎼	musical_score	music note
🎵	musical_note	music sound
🎶	musical_notes notes	music note sound
🎙️	studio_microphone	music
🎚️	level_slider	music
🎛️	control_knobs	music
🎤	microphone	music sound
🎧	headphone headphones	sound
📻	radio	entertainment video
🎷	saxophone	instrument music
🎺	trumpet	instrument music
🪊	trombone	instrument music sad
🪗	accordion	box instrument music
🎸	guitar	instrument music
🎹	musical_keyboard	instrument music
🎻	violin	instrument music
🪕	banjo	music
🥁	drum	music
🪘	long_drum	instrument
🪇	maracas	dance instrument music party shake
🪈	flute	instrument music
🪉	harp	instrument love music
📱	mobile_phone iphone	cell communication telephone
📲	mobile_phone_with_arrow calling	cell communication telephone
☎️	telephone phone	
📞	telephone_receiver	communication phone
📟	pager	communication
📠	fax_machine fax	communication
🔋	battery	
🪫	low_battery	
🔌	electric_plug	
💻	laptop computer	office
🖥️	desktop_computer	
🖨️	printer	computer
⌨️	keyboard	computer
🖱️	computer_mouse	
🖲️	trackball	computer
💽	computer_disk minidisc	
💾	floppy_disk	computer
💿	optical_disk cd	computer
📀	dvd	computer
🧮	abacus	
🎥	movie_camera	
🎞️	film_frames film_strip	movie
📽️	film_projector	movie video
🎬	clapper_board clapper	movie
📺	television tv	video
📷	camera	video
📸	camera_with_flash camera_flash	video
📹	video_camera	
📼	videocassette vhs	old school video
🔍	magnifying_glass_tilted_left mag	lab pointing science tool
🔎	magnifying_glass_tilted_right mag_right	lab pointing science tool
🕯️	candle	light
💡	light_bulb bulb	comic electric
🔦	flashlight	electric light tool
🏮	red_paper_lantern izakaya_lantern lantern	bar light restaurant
🪔	diya_lamp	light
📔	notebook_with_decorative_cover	book education school
📕	closed_book	education
📖	open_book book	education fantasy library reading
📗	green_book	education fantasy library reading
📘	blue_book	education fantasy library reading
📙	orange_book	education fantasy library reading
📚	books	book education fantasy library reading school
📓	notebook	
📒	ledger	
📃	page_with_curl	paper
📜	scroll	paper
📄	page_facing_up	paper
📰	newspaper	communication paper
🗞️	rolled_up_newspaper newspaper_roll	paper
📑	bookmark_tabs	mark
🔖	bookmark	mark
🏷️	label	
🪙	coin	dollar gold money
💰	money_bag moneybag	bank cash dollar gold pot win
🪎	treasure_chest	gold money
💴	yen_banknote yen	bank bill currency money note
💵	dollar_banknote dollar	bank bill currency money note
💶	euro_banknote euro	bank bill currency money note
💷	pound_banknote pound	bank bill cash currency money note
💸	money_with_wings	bank banknote bill cash dollar fly note
💳	credit_card	bank cash charge money
🧾	receipt	
💹	chart_increasing_with_yen chart	bank currency money
✉️	envelope	mail email letter
📧	e_mail e-mail email	letter
📨	incoming_envelope	mail email letter
📩	envelope_with_arrow	communication down mail email letter
📤	outbox_tray	box email letter mail
📥	inbox_tray	box email letter mail
📦	package	box communication
📫	closed_mailbox_with_raised_flag mailbox	communication mail
📪	closed_mailbox_with_lowered_flag mailbox_closed	mail
📬	open_mailbox_with_raised_flag mailbox_with_mail	
📭	open_mailbox_with_lowered_flag mailbox_with_no_mail	
📮	postbox	mail mailbox
🗳️	ballot_box_with_ballot ballot_box	
✏️	pencil pencil2	
✒️	black_nib	
🖋️	fountain_pen	
🖊️	pen	
🖌️	paintbrush	
🖍️	crayon	
📝	memo pencil	communication
💼	briefcase	office
📁	file_folder	
📂	open_file_folder	
🗂️	card_index_dividers	
📅	calendar date	
📆	tear_off_calendar calendar	
🗒️	spiral_notepad	note
🗓️	spiral_calendar	
📇	card_index	old school
📈	chart_increasing chart_with_upwards_trend	right up
📉	chart_decreasing chart_with_downwards_trend	down
📊	bar_chart	
📋	clipboard	
📌	pushpin	
📍	round_pushpin	
📎	paperclip	
🖇️	linked_paperclips paperclips	
📏	straight_ruler	math
📐	triangular_ruler	math triangle
✂️	scissors	cut paper tool
🗃️	card_file_box	
🗄️	file_cabinet	paper
🗑️	wastebasket	
🔒	locked lock	closed
🔓	unlocked unlock	lock open
🔏	locked_with_pen lock_with_ink_pen	
🔐	locked_with_key closed_lock_with_key	bike
🔑	key	lock
🗝️	old_key	lock
🔨	hammer	home tool
🪓	axe	chop
⛏️	pick	tool
⚒️	hammer_and_pick	tool
🛠️	hammer_and_wrench	tool
🗡️	dagger	weapon
⚔️	crossed_swords	weapon
💣	bomb	boom comic hot
🪃	boomerang	weapon
🏹	bow_and_arrow	tool weapon zodiac
🛡️	shield	weapon
🪚	carpentry_saw	cut tool
🔧	wrench	home tool
🪛	screwdriver	tool
🔩	nut_and_bolt	home tool
⚙️	gear	tool
🗜️	clamp	tool
⚖️	balance_scale	justice tool zodiac
🦯	white_cane probing_cane	accessibility blind
🔗	link	
⛓️‍💥	broken_chain	
⛓️	chains	
🪝	hook	catch point
🧰	toolbox	box red tool
🧲	magnet	
🪜	ladder	
🪏	shovel	garden plant snow
⚗️	alembic	tool
🧪	test_tube	lab science
🧫	petri_dish	biologist lab
🧬	dna	biologist
🔬	microscope	lab science tool
🔭	telescope	science tool
📡	satellite_antenna satellite	science
💉	syringe	doctor medicine sick tool
🩸	drop_of_blood	medicine
💊	pill	doctor medicine sick
🩹	adhesive_bandage	
🩼	crutch	cane stick
🩺	stethoscope	doctor heart medicine
🩻	x_ray	doctor
🚪	door	
🛗	elevator	accessibility
🪞	mirror	
🪟	window	
🛏️	bed	hotel sleep
🛋️	couch_and_lamp	hotel
🪑	chair	
🚽	toilet	bathroom
🪠	plunger	toilet
🚿	shower	water
🛁	bathtub	
🪤	mouse_trap	
🪒	razor	
🧴	lotion_bottle	
🧷	safety_pin	rock
🧹	broom	witch
🧺	basket	
🧻	roll_of_paper	toilet
🪣	bucket	
🧼	soap	bar bathing
🫧	bubbles	bubble
🪥	toothbrush	bathroom teeth
🧽	sponge	
🧯	fire_extinguisher	
🛒	shopping_cart	
🚬	cigarette smoking	
⚰️	coffin	dead
🪦	headstone	dead
⚱️	funeral_urn	
🧿	nazar_amulet	blue evil eye
🪬	hamsa	hand palm
🗿	moai moyai	face travel
🪧	placard	card sign
🪪	identification_card	

🏧	atm_sign atm	bank cash money
🚮	litter_in_bin_sign put_litter_in_its_place	
🚰	potable_water	drinking
♿	wheelchair_symbol wheelchair	
🚹	mens_room mens	bathroom man men toilet
🚺	womens_room womens	bathroom toilet woman
🚻	restroom	bathroom toilet
🚼	baby_symbol	
🚾	water_closet wc	bathroom toilet
🛂	passport_control	
🛃	customs	
🛄	baggage_claim	plane travel
🛅	left_luggage	
⚠️	warning	
🚸	children_crossing	child pedestrian
⛔	no_entry	forbidden not prohibited
🚫	prohibited no_entry_sign	forbidden not
🚳	no_bicycles	bicycle bike forbidden not prohibited
🚭	no_smoking	forbidden not prohibited
🚯	no_littering do_not_litter	forbidden prohibited
🚱	non_potable_water non-potable_water	drinking prohibited
🚷	no_pedestrians	forbidden not pedestrian prohibited
📵	no_mobile_phones	cell forbidden not phone prohibited telephone
🔞	no_one_under_eighteen underage	forbidden not prohibited
☢️	radioactive	sign
☣️	biohazard	sign
⬆️	up_arrow arrow_up	direction
↗️	up_right_arrow arrow_upper_right	direction
➡️	right_arrow arrow_right	direction
↘️	down_right_arrow arrow_lower_right	direction
⬇️	down_arrow arrow_down	direction
↙️	down_left_arrow arrow_lower_left	direction
⬅️	left_arrow arrow_left	direction
↖️	up_left_arrow arrow_upper_left	direction
↕️	up_down_arrow arrow_up_down	
↔️	left_right_arrow	
↩️	right_arrow_curving_left leftwards_arrow_with_hook	
↪️	left_arrow_curving_right arrow_right_hook	
⤴️	right_arrow_curving_up arrow_heading_up	
⤵️	right_arrow_curving_down arrow_heading_down	
🔃	clockwise_vertical_arrows arrows_clockwise	arrow
🔄	counterclockwise_arrows_button arrows_counterclockwise	arrow
🔙	back_arrow back	
🔚	end_arrow end	
🔛	on_arrow on	mark
🔜	soon_arrow soon	
🔝	top_arrow top	up
🛐	place_of_worship	religion
⚛️	atom_symbol	
🕉️	om	religion
✡️	star_of_david	religion
☸️	wheel_of_dharma	religion
☯️	yin_yang	religion
✝️	latin_cross	religion
☦️	orthodox_cross	religion
☪️	star_and_crescent	religion
☮️	peace_symbol	
🕎	menorah	religion
🔯	dotted_six_pointed_star six_pointed_star	
🪯	khanda	religion
♈	aries	horoscope zodiac
♉	taurus	horoscope zodiac
♊	gemini	horoscope twins zodiac
♋	cancer	horoscope zodiac
♌	leo	horoscope zodiac
♍	virgo	horoscope zodiac
♎	libra	balance horoscope justice scales zodiac
♏	scorpio scorpius	horoscope zodiac
♐	sagittarius	horoscope zodiac
♑	capricorn	horoscope zodiac
♒	aquarius	horoscope water zodiac
♓	pisces	fish horoscope zodiac
⛎	ophiuchus	zodiac
🔀	shuffle_tracks_button twisted_rightwards_arrows	arrow crossed
🔁	repeat_button repeat	arrow
🔂	repeat_single_button repeat_one	arrow
▶️	play_button arrow_forward	right triangle
⏩	fast_forward_button fast_forward	arrow double
⏭️	next_track_button	arrow triangle
⏯️	play_or_pause_button	arrow right triangle
◀️	reverse_button arrow_backward	left triangle
⏪	fast_reverse_button rewind	arrow double
⏮️	last_track_button previous_track_button	arrow triangle
🔼	upwards_button arrow_up_small	red
⏫	fast_up_button arrow_double_up	
🔽	downwards_button arrow_down_small	red
⏬	fast_down_button arrow_double_down	
⏸️	pause_button	bar double
⏹️	stop_button	square
⏺️	record_button	circle
⏏️	eject_button	
🎦	cinema	camera movie
🔅	dim_button low_brightness	
🔆	bright_button high_brightness	light
📶	antenna_bars signal_strength	bar cell communication mobile phone telephone
🛜	wireless	computer
📳	vibration_mode	cell communication mobile phone telephone
📴	mobile_phone_off	cell telephone
♀️	female_sign	woman
♂️	male_sign	man
⚧️	transgender_symbol	
✖️	multiply heavy_multiplication_x	sign
➕	plus heavy_plus_sign	
➖	minus heavy_minus_sign	math
➗	divide heavy_division_sign	math
🟰	heavy_equals_sign	math
♾️	infinity	
‼️	double_exclamation_mark bangbang	punctuation
⁉️	exclamation_question_mark interrobang	punctuation
❓	red_question_mark question	punctuation
❔	white_question_mark grey_question	punctuation
❕	white_exclamation_mark grey_exclamation	punctuation
❗	red_exclamation_mark exclamation heavy_exclamation_mark	punctuation
〰️	wavy_dash	punctuation
💱	currency_exchange	bank money
💲	heavy_dollar_sign	cash charge currency money
⚕️	medical_symbol	medicine
♻️	recycling_symbol recycle	
⚜️	fleur_de_lis	
🔱	trident_emblem trident	tool
📛	name_badge	
🔰	japanese_symbol_for_beginner beginner	green leaf tool yellow
⭕	hollow_red_circle o	heavy large
✅	check_mark_button white_check_mark	done
☑️	check_box_with_check ballot_box_with_check	done
✔️	check_mark heavy_check_mark	done
❌	cross_mark x	
❎	cross_mark_button negative_squared_cross_mark	square
➰	curly_loop	
➿	double_curly_loop loop	
〽️	part_alternation_mark	
✳️	eight_spoked_asterisk	
✴️	eight_pointed_star eight_pointed_black_star	
❇️	sparkle	
©️	copyright	
®️	registered	
™️	trade_mark tm	
🫟	splatter	
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
🔠	input_latin_uppercase capital_abcd	
🔡	input_latin_lowercase abcd	
🔢	input_numbers 1234	
🔣	input_symbols symbols	
🔤	input_latin_letters abc	
🅰️	a_button_blood_type a	
🆎	ab_button_blood_type ab	
🅱️	b_button_blood_type b	
🆑	cl_button cl	
🆒	cool_button cool	
🆓	free_button free	
ℹ️	information information_source	
🆔	id_button id	
Ⓜ️	circled_m m	circle
🆕	new_button new	
🆖	ng_button ng	
🅾️	o_button_blood_type o2	
🆗	ok_button ok	
🅿️	p_button parking	
🆘	sos_button sos	
🆙	up_button up	mark
🆚	vs_button vs	
🈁	japanese_here_button koko	
🈂️	japanese_service_charge_button sa	
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
🟥	red_square	card
🟧	orange_square	
🟨	yellow_square	card
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
🔳	white_square_button	geometric
🔲	black_square_button	geometric

🏁	chequered_flag checkered_flag	game race racing sport win
🚩	triangular_flag triangular_flag_on_post	construction golf
🎌	crossed_flags	celebration cross japanese
🏴	black_flag	
🏳️	white_flag	
🏳️‍🌈	rainbow_flag	
🏳️‍⚧️	transgender_flag	blue light white
🏴‍☠️	pirate_flag	
🇦🇨	flag_ascension_island ascension_island	
🇦🇩	flag_andorra andorra	
🇦🇪	flag_united_arab_emirates united_arab_emirates	
🇦🇫	flag_afghanistan afghanistan	
🇦🇬	flag_antigua_barbuda antigua_barbuda	
🇦🇮	flag_anguilla anguilla	
🇦🇱	flag_albania albania	
🇦🇲	flag_armenia armenia	
🇦🇴	flag_angola angola	
🇦🇶	flag_antarctica antarctica	
🇦🇷	flag_argentina argentina	
🇦🇸	flag_american_samoa american_samoa	
🇦🇹	flag_austria austria	
🇦🇺	flag_australia australia	
🇦🇼	flag_aruba aruba	
🇦🇽	flag_aland_islands aland_islands	
🇦🇿	flag_azerbaijan azerbaijan	
🇧🇦	flag_bosnia_herzegovina bosnia_herzegovina	
🇧🇧	flag_barbados barbados	
🇧🇩	flag_bangladesh bangladesh	
🇧🇪	flag_belgium belgium	
🇧🇫	flag_burkina_faso burkina_faso	
🇧🇬	flag_bulgaria bulgaria	
🇧🇭	flag_bahrain bahrain	
🇧🇮	flag_burundi burundi	
🇧🇯	flag_benin benin	
🇧🇱	flag_st_barthelemy st_barthelemy	
🇧🇲	flag_bermuda bermuda	
🇧🇳	flag_brunei brunei	
🇧🇴	flag_bolivia bolivia	
🇧🇶	flag_caribbean_netherlands caribbean_netherlands	
🇧🇷	flag_brazil brazil	
🇧🇸	flag_bahamas bahamas	
🇧🇹	flag_bhutan bhutan	
🇧🇻	flag_bouvet_island bouvet_island	
🇧🇼	flag_botswana botswana	
🇧🇾	flag_belarus belarus	
🇧🇿	flag_belize belize	
🇨🇦	flag_canada canada	
🇨🇨	flag_cocos_keeling_islands cocos_islands	
🇨🇩	flag_congo_kinshasa congo_kinshasa	
🇨🇫	flag_central_african_republic central_african_republic	
🇨🇬	flag_congo_brazzaville congo_brazzaville	
🇨🇭	flag_switzerland switzerland	
🇨🇮	flag_cote_divoire cote_divoire	
🇨🇰	flag_cook_islands cook_islands	
🇨🇱	flag_chile chile	
🇨🇲	flag_cameroon cameroon	
🇨🇳	flag_china cn	
🇨🇴	flag_colombia colombia	
🇨🇵	flag_clipperton_island clipperton_island	
🇨🇶	flag_sark	
🇨🇷	flag_costa_rica costa_rica	
🇨🇺	flag_cuba cuba	
🇨🇻	flag_cape_verde cape_verde	
🇨🇼	flag_curacao curacao	
🇨🇽	flag_christmas_island christmas_island	
🇨🇾	flag_cyprus cyprus	
🇨🇿	flag_czechia czech_republic	
🇩🇪	flag_germany de	
🇩🇬	flag_diego_garcia diego_garcia	
🇩🇯	flag_djibouti djibouti	
🇩🇰	flag_denmark denmark	
🇩🇲	flag_dominica dominica	
🇩🇴	flag_dominican_republic dominican_republic	
🇩🇿	flag_algeria algeria	
🇪🇦	flag_ceuta_melilla ceuta_melilla	
🇪🇨	flag_ecuador ecuador	
🇪🇪	flag_estonia estonia	
🇪🇬	flag_egypt egypt	
🇪🇭	flag_western_sahara western_sahara	
🇪🇷	flag_eritrea eritrea	
🇪🇸	flag_spain es	
🇪🇹	flag_ethiopia ethiopia	
🇪🇺	flag_european_union eu european_union	
🇫🇮	flag_finland finland	
🇫🇯	flag_fiji fiji	
🇫🇰	flag_falkland_islands falkland_islands	
🇫🇲	flag_micronesia micronesia	
🇫🇴	flag_faroe_islands faroe_islands	
🇫🇷	flag_france fr	
🇬🇦	flag_gabon gabon	
🇬🇧	flag_united_kingdom gb uk	
🇬🇩	flag_grenada grenada	
🇬🇪	flag_georgia georgia	
🇬🇫	flag_french_guiana french_guiana	
🇬🇬	flag_guernsey guernsey	
🇬🇭	flag_ghana ghana	
🇬🇮	flag_gibraltar gibraltar	
🇬🇱	flag_greenland greenland	
🇬🇲	flag_gambia gambia	
🇬🇳	flag_guinea guinea	
🇬🇵	flag_guadeloupe guadeloupe	
🇬🇶	flag_equatorial_guinea equatorial_guinea	
🇬🇷	flag_greece greece	
🇬🇸	flag_south_georgia_south_sandwich_islands south_georgia_south_sandwich_islands	
🇬🇹	flag_guatemala guatemala	
🇬🇺	flag_guam guam	
🇬🇼	flag_guinea_bissau guinea_bissau	
🇬🇾	flag_guyana guyana	
🇭🇰	flag_hong_kong_sar_china hong_kong	
🇭🇲	flag_heard_mcdonald_islands heard_mcdonald_islands	
🇭🇳	flag_honduras honduras	
🇭🇷	flag_croatia croatia	
🇭🇹	flag_haiti haiti	
🇭🇺	flag_hungary hungary	
🇮🇨	flag_canary_islands canary_islands	
🇮🇩	flag_indonesia indonesia	
🇮🇪	flag_ireland ireland	
🇮🇱	flag_israel israel	
🇮🇲	flag_isle_of_man isle_of_man	
🇮🇳	flag_india india	
🇮🇴	flag_british_indian_ocean_territory british_indian_ocean_territory	
🇮🇶	flag_iraq iraq	
🇮🇷	flag_iran iran	
🇮🇸	flag_iceland iceland	
🇮🇹	flag_italy it	
🇯🇪	flag_jersey jersey	
🇯🇲	flag_jamaica jamaica	
🇯🇴	flag_jordan jordan	
🇯🇵	flag_japan jp	
🇰🇪	flag_kenya kenya	
🇰🇬	flag_kyrgyzstan kyrgyzstan	
🇰🇭	flag_cambodia cambodia	
🇰🇮	flag_kiribati kiribati	
🇰🇲	flag_comoros comoros	
🇰🇳	flag_st_kitts_nevis st_kitts_nevis	
🇰🇵	flag_north_korea north_korea	
🇰🇷	flag_south_korea kr	
🇰🇼	flag_kuwait kuwait	
🇰🇾	flag_cayman_islands cayman_islands	
🇰🇿	flag_kazakhstan kazakhstan	
🇱🇦	flag_laos laos	
🇱🇧	flag_lebanon lebanon	
🇱🇨	flag_st_lucia st_lucia	
🇱🇮	flag_liechtenstein liechtenstein	
🇱🇰	flag_sri_lanka sri_lanka	
🇱🇷	flag_liberia liberia	
🇱🇸	flag_lesotho lesotho	
🇱🇹	flag_lithuania lithuania	
🇱🇺	flag_luxembourg luxembourg	
🇱🇻	flag_latvia latvia	
🇱🇾	flag_libya libya	
🇲🇦	flag_morocco morocco	
🇲🇨	flag_monaco monaco	
🇲🇩	flag_moldova moldova	
🇲🇪	flag_montenegro montenegro	me
🇲🇫	flag_st_martin st_martin	
🇲🇬	flag_madagascar madagascar	
🇲🇭	flag_marshall_islands marshall_islands	
🇲🇰	flag_north_macedonia macedonia	
🇲🇱	flag_mali mali	
🇲🇲	flag_myanmar_burma myanmar	
🇲🇳	flag_mongolia mongolia	
🇲🇴	flag_macao_sar_china macau	
🇲🇵	flag_northern_mariana_islands northern_mariana_islands	
🇲🇶	flag_martinique martinique	
🇲🇷	flag_mauritania mauritania	
🇲🇸	flag_montserrat montserrat	
🇲🇹	flag_malta malta	
🇲🇺	flag_mauritius mauritius	
🇲🇻	flag_maldives maldives	
🇲🇼	flag_malawi malawi	
🇲🇽	flag_mexico mexico	
🇲🇾	flag_malaysia malaysia	
🇲🇿	flag_mozambique mozambique	
🇳🇦	flag_namibia namibia	
🇳🇨	flag_new_caledonia new_caledonia	
🇳🇪	flag_niger niger	
🇳🇫	flag_norfolk_island norfolk_island	
🇳🇬	flag_nigeria nigeria	
🇳🇮	flag_nicaragua nicaragua	
🇳🇱	flag_netherlands netherlands	
🇳🇴	flag_norway norway	no
🇳🇵	flag_nepal nepal	
🇳🇷	flag_nauru nauru	
🇳🇺	flag_niue niue	
🇳🇿	flag_new_zealand new_zealand	
🇴🇲	flag_oman oman	
🇵🇦	flag_panama panama	
🇵🇪	flag_peru peru	
🇵🇫	flag_french_polynesia french_polynesia	
🇵🇬	flag_papua_new_guinea papua_new_guinea	
🇵🇭	flag_philippines philippines	
🇵🇰	flag_pakistan pakistan	
🇵🇱	flag_poland poland	
🇵🇲	flag_st_pierre_miquelon st_pierre_miquelon	
🇵🇳	flag_pitcairn_islands pitcairn_islands	
🇵🇷	flag_puerto_rico puerto_rico	
🇵🇸	flag_palestinian_territories palestinian_territories	
🇵🇹	flag_portugal portugal	
🇵🇼	flag_palau palau	
🇵🇾	flag_paraguay paraguay	
🇶🇦	flag_qatar qatar	
🇷🇪	flag_reunion reunion	
🇷🇴	flag_romania romania	
🇷🇸	flag_serbia serbia	
🇷🇺	flag_russia ru	
🇷🇼	flag_rwanda rwanda	
🇸🇦	flag_saudi_arabia saudi_arabia	
🇸🇧	flag_solomon_islands solomon_islands	
🇸🇨	flag_seychelles seychelles	
🇸🇩	flag_sudan sudan	
🇸🇪	flag_sweden sweden	
🇸🇬	flag_singapore singapore	
🇸🇭	flag_st_helena st_helena	
🇸🇮	flag_slovenia slovenia	
🇸🇯	flag_svalbard_jan_mayen svalbard_jan_mayen	
🇸🇰	flag_slovakia slovakia	
🇸🇱	flag_sierra_leone sierra_leone	
🇸🇲	flag_san_marino san_marino	
🇸🇳	flag_senegal senegal	
🇸🇴	flag_somalia somalia	
🇸🇷	flag_suriname suriname	
🇸🇸	flag_south_sudan south_sudan	
🇸🇹	flag_sao_tome_principe sao_tome_principe	
🇸🇻	flag_el_salvador el_salvador	
🇸🇽	flag_sint_maarten sint_maarten	
🇸🇾	flag_syria syria	
🇸🇿	flag_eswatini swaziland	
🇹🇦	flag_tristan_da_cunha tristan_da_cunha	
🇹🇨	flag_turks_caicos_islands turks_caicos_islands	
🇹🇩	flag_chad chad	
🇹🇫	flag_french_southern_territories french_southern_territories	
🇹🇬	flag_togo togo	
🇹🇭	flag_thailand thailand	
🇹🇯	flag_tajikistan tajikistan	
🇹🇰	flag_tokelau tokelau	
🇹🇱	flag_timor_leste timor_leste	
🇹🇲	flag_turkmenistan turkmenistan	
🇹🇳	flag_tunisia tunisia	
🇹🇴	flag_tonga tonga	
🇹🇷	flag_turkiye tr	
🇹🇹	flag_trinidad_tobago trinidad_tobago	
🇹🇻	flag_tuvalu tuvalu	
🇹🇼	flag_taiwan taiwan	
🇹🇿	flag_tanzania tanzania	
🇺🇦	flag_ukraine ukraine	
🇺🇬	flag_uganda uganda	
🇺🇲	flag_us_outlying_islands us_outlying_islands	
🇺🇳	flag_united_nations united_nations	
🇺🇸	flag_united_states us	
🇺🇾	flag_uruguay uruguay	
🇺🇿	flag_uzbekistan uzbekistan	
🇻🇦	flag_vatican_city vatican_city	
🇻🇨	flag_st_vincent_grenadines st_vincent_grenadines	
🇻🇪	flag_venezuela venezuela	
🇻🇬	flag_british_virgin_islands british_virgin_islands	
🇻🇮	flag_us_virgin_islands us_virgin_islands	
🇻🇳	flag_vietnam vietnam	
🇻🇺	flag_vanuatu vanuatu	
🇼🇫	flag_wallis_futuna wallis_futuna	
🇼🇸	flag_samoa samoa	
🇽🇰	flag_kosovo kosovo	
🇾🇪	flag_yemen yemen	
🇾🇹	flag_mayotte mayotte	
🇿🇦	flag_south_africa south_africa	
🇿🇲	flag_zambia zambia	
🇿🇼	flag_zimbabwe zimbabwe	
🏴󠁧󠁢󠁥󠁮󠁧󠁿	flag_england england	
🏴󠁧󠁢󠁳󠁣󠁴󠁿	flag_scotland scotland	
🏴󠁧󠁢󠁷󠁬󠁳󠁿	flag_wales wales	`;export{a as TABLE};
