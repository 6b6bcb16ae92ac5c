// Made by scripts/emoji.mjs from emojibase-data (MIT; the data are those of Unicode). Do not edit.
export const TABLE = `😀	grinning_face grinning	
😃	grinning_face_with_big_eyes smiley	
😄	grinning_face_with_smiling_eyes smile	
😁	beaming_face_with_smiling_eyes grin	
😆	grinning_squinting_face laughing satisfied	eyes
😅	grinning_face_with_sweat sweat_smile	nervous stress
🤣	rolling_on_the_floor_laughing rofl	hilarious
😂	face_with_tears_of_joy joy	feels hilarious
🙂	slightly_smiling_face	
🙃	upside_down_face	
🫠	melting_face	
😉	winking_face wink	
😊	smiling_face_with_smiling_eyes blush	
😇	smiling_face_with_halo innocent	
🥰	smiling_face_with_hearts smiling_face_with_three_hearts	
😍	smiling_face_with_heart_eyes heart_eyes	feels kisses
🤩	star_struck	eyes
😘	face_blowing_a_kiss kissing_heart	adorbs miss
😗	kissing_face kissing	kiss
☺️	smiling_face relaxed	
😚	kissing_face_with_closed_eyes kissing_closed_eyes	kisses smooches
😙	kissing_face_with_smiling_eyes kissing_smiling_eyes	kiss
🥲	smiling_face_with_tear	
😋	face_savoring_food yum	delicious
😛	face_with_tongue stuck_out_tongue	
😜	winking_face_with_tongue stuck_out_tongue_winking_eye	
🤪	zany_face	eyes
😝	squinting_face_with_tongue stuck_out_tongue_closed_eyes	gross
🤑	money_mouth_face	
🤗	smiling_face_with_open_hands hugs	
🤭	face_with_hand_over_mouth hand_over_mouth	oops whoops
🫢	face_with_open_eyes_and_hand_over_mouth	embarrass
🫣	face_with_peeking_eye	embarrass
🤫	shushing_face	
🤔	thinking_face thinking	
🫡	saluting_face	troops yes
🤐	zipper_mouth_face	
🤨	face_with_raised_eyebrow raised_eyebrow	
😐	neutral_face	expressionless jealous
😑	expressionless_face expressionless	jealous
😶	face_without_mouth no_mouth	expressionless mouthless speechless
🫥	dotted_line_face	
😶‍🌫️	face_in_clouds	
😏	smirking_face smirk	boss suspicious
😒	unamused_face unamused	jealous
🙄	face_with_rolling_eyes roll_eyes	
😬	grimacing_face grimacing	
😮‍💨	face_exhaling	
🤥	lying_face	
🫨	shaking_face	
🙂‍↔️	head_shaking_horizontally	
🙂‍↕️	head_shaking_vertically	yes
😌	relieved_face relieved	
😔	pensive_face pensive	sucks
😪	sleepy_face sleepy	
🤤	drooling_face	
😴	sleeping_face sleeping	
🫩	face_with_bags_under_eyes	
😷	face_with_medical_mask mask	germs
🤒	face_with_thermometer	
🤕	face_with_head_bandage	
🤢	nauseated_face	gross
🤮	face_vomiting vomiting_face	gross
🤧	sneezing_face	
🥵	hot_face	
🥶	cold_face	icicles
🥴	woozy_face	eyes
😵	face_with_crossed_out_eyes dizzy_face	feels
😵‍💫	face_with_spiral_eyes	
🤯	exploding_head	
🤠	cowboy_hat_face	
🥳	partying_face	
🥸	disguised_face	glasses
😎	smiling_face_with_sunglasses sunglasses	shades
🤓	nerd_face	glasses
🧐	face_with_monocle monocle_face	
😕	confused_face confused	
🫤	face_with_diagonal_mouth	
😟	worried_face worried	anxious butterflies nerves nervous stress
🙁	slightly_frowning_face	
☹️	frowning_face	
😮	face_with_open_mouth open_mouth	
😯	hushed_face hushed	
😲	astonished_face astonished	
😳	flushed_face flushed	
🫪	distorted_face	
🥺	pleading_face	eyes
🥹	face_holding_back_tears	feelings
😦	frowning_face_with_open_mouth frowning	
😧	anguished_face anguished	
😨	fearful_face fearful	anxious
😰	anxious_face_with_sweat cold_sweat	nervous yikes
😥	sad_but_relieved_face disappointed_relieved	anxious
😢	crying_face cry	feels miss
😭	loudly_crying_face sob	
😱	face_screaming_in_fear scream	
😖	confounded_face confounded	feels
😣	persevering_face persevere	focus
😞	disappointed_face disappointed	
😓	downcast_face_with_sweat sweat	feels nervous yikes
😩	weary_face weary	feels
😫	tired_face	feels
🥱	yawning_face	
😤	face_with_steam_from_nose triumph	feels furious
😡	enraged_face pout rage	feels
😠	angry_face angry	feels
🤬	face_with_symbols_on_mouth cursing_face	
😈	smiling_face_with_horns smiling_imp	
👿	angry_face_with_horns imp	mischievous
💀	skull	
☠️	skull_and_crossbones	
💩	pile_of_poo hankey poop shit	bs
🤡	clown_face	
👹	ogre japanese_ogre	
👺	goblin japanese_goblin	
👻	ghost	
👽	alien	
👾	alien_monster space_invader	games
🤖	robot	
😺	grinning_cat smiley_cat	
😸	grinning_cat_with_smiling_eyes smile_cat	
😹	cat_with_tears_of_joy joy_cat	
😻	smiling_cat_with_heart_eyes heart_eyes_cat	
😼	cat_with_wry_smile smirk_cat	
😽	kissing_cat	eyes kiss
🙀	weary_cat scream_cat	
😿	crying_cat crying_cat_face	
😾	pouting_cat	
🙈	see_no_evil_monkey see_no_evil	
🙉	hear_no_evil_monkey hear_no_evil	ears
🙊	speak_no_evil_monkey speak_no_evil	oops
💌	love_letter	
💘	heart_with_arrow cupid	adorbs
💝	heart_with_ribbon gift_heart	kisses
💖	sparkling_heart	kisses
💗	growing_heart heartpulse	kisses nervous
💓	beating_heart heartbeat	
💞	revolving_hearts	adorbs
💕	two_hearts	kisses
💟	heart_decoration	
❣️	heart_exclamation heavy_heart_exclamation	
💔	broken_heart	
❤️‍🔥	heart_on_fire	
❤️‍🩹	mending_heart	
❤️	red_heart heart	
🩷	pink_heart	
🧡	orange_heart	
💛	yellow_heart	
💚	green_heart	
💙	blue_heart	
🩵	light_blue_heart	
💜	purple_heart	
🤎	brown_heart	
🖤	black_heart	
🩶	grey_heart	
🤍	white_heart	
💋	kiss_mark kiss	lips
💯	hundred_points 100	
💢	anger_symbol anger	
🫯	fight_cloud	ruckus
💥	collision boom	
💫	dizzy	
💦	sweat_droplets sweat_drops	
💨	dashing_away dash	
🕳️	hole	
💬	speech_balloon	sms
👁️‍🗨️	eye_in_speech_bubble eye_speech_bubble	witness
🗨️	left_speech_bubble	
🗯️	right_anger_bubble	
💭	thought_balloon	decisions
💤	zzz	

👋*	waving_hand wave	greetings
🤚*	raised_back_of_hand	
🖐️*	hand_with_fingers_splayed raised_hand_with_fingers_splayed	
✋*	raised_hand hand	
🖖*	vulcan_salute	
🫱*	rightwards_hand	
🫲*	leftwards_hand	
🫳*	palm_down_hand	dismiss
🫴*	palm_up_hand	
🫷*	leftwards_pushing_hand	
🫸*	rightwards_pushing_hand	
👌*	ok_hand	
🤌*	pinched_fingers	
🤏*	pinching_hand	fingers
✌️*	victory_hand v	
🤞*	crossed_fingers	cross
🫰*	hand_with_index_finger_and_thumb_crossed	
🤟*	love_you_gesture	fingers
🤘*	sign_of_the_horns metal	
🤙*	call_me_hand	
👈*	backhand_index_pointing_left point_left	
👉*	backhand_index_pointing_right point_right	
👆*	backhand_index_pointing_up point_up_2	
🖕*	middle_finger fu	
👇*	backhand_index_pointing_down point_down	
☝️*	index_pointing_up point_up	this
🫵*	index_pointing_at_the_viewer	
👍*	thumbs_up +1 thumbsup	yes
👎*	thumbs_down -1 thumbsdown	
✊*	raised_fist fist fist_raised	
👊*	oncoming_fist facepunch fist_oncoming punch	
🤛*	left_facing_fist fist_left	leftwards
🤜*	right_facing_fist fist_right	rightwards
👏*	clapping_hands clap	congrats congratulations
🙌*	raising_hands raised_hands	
🫶*	heart_hands	
👐*	open_hands	
🤲*	palms_up_together	hands
🤝*	handshake	
🙏*	folded_hands pray	thanks
✍️*	writing_hand	
💅*	nail_polish nail_care	cosmetics
🤳*	selfie	
💪*	flexed_biceps muscle	curls gains press
🦾	mechanical_arm	
🦿	mechanical_leg	
🦵*	leg	
🦶*	foot	
👂*	ear	
🦻*	ear_with_hearing_aid	
👃*	nose	
🧠	brain	
🫀	anatomical_heart	
🫁	lungs	
🦷	tooth	
🦴	bone	
👀	eyes	
👁️	eye	
👅	tongue	
👄	mouth lips	kiss
🫦	biting_lip	anxious kiss nervous
👶*	baby	babies
🧒*	child	
👦*	boy	
👧*	girl	
🧑*	person adult	
👱*	person_blond_hair blond_haired_person	
👨*	man	
🧔*	person_beard bearded_person	whiskers
🧔‍♂️*	man_beard	whiskers
🧔‍♀️*	woman_beard	whiskers
👨‍🦰*	man_red_hair red_haired_man	
👨‍🦱*	man_curly_hair curly_haired_man	
👨‍🦳*	man_white_hair white_haired_man	
👨‍🦲*	man_bald bald_man	
👩*	woman	
👩‍🦰*	woman_red_hair red_haired_woman	
🧑‍🦰*	person_red_hair	
👩‍🦱*	woman_curly_hair curly_haired_woman	
🧑‍🦱*	person_curly_hair	
👩‍🦳*	woman_white_hair white_haired_woman	
🧑‍🦳*	person_white_hair	
👩‍🦲*	woman_bald bald_woman	
🧑‍🦲*	person_bald	
👱‍♀️*	woman_blond_hair blond_haired_woman blonde_woman	
👱‍♂️*	man_blond_hair blond_haired_man	
🧓*	older_person older_adult	
👴*	old_man older_man	gramps
👵*	old_woman older_woman	
🙍*	person_frowning frowning_person	
🙍‍♂️*	man_frowning frowning_man	
🙍‍♀️*	woman_frowning frowning_woman	
🙎*	person_pouting pouting_face	
🙎‍♂️*	man_pouting pouting_man	
🙎‍♀️*	woman_pouting pouting_woman	
🙅*	person_gesturing_no no_good	
🙅‍♂️*	man_gesturing_no ng_man no_good_man	
🙅‍♀️*	woman_gesturing_no ng_woman no_good_woman	
🙆*	person_gesturing_ok ok_person	
🙆‍♂️*	man_gesturing_ok ok_man	
🙆‍♀️*	woman_gesturing_ok ok_woman	
💁*	person_tipping_hand information_desk_person tipping_hand_person	
💁‍♂️*	man_tipping_hand sassy_man tipping_hand_man	
💁‍♀️*	woman_tipping_hand sassy_woman tipping_hand_woman	
🙋*	person_raising_hand raising_hand	
🙋‍♂️*	man_raising_hand raising_hand_man	
🙋‍♀️*	woman_raising_hand raising_hand_woman	
🧏*	deaf_person	
🧏‍♂️*	deaf_man	
🧏‍♀️*	deaf_woman	
🙇*	person_bowing bow	
🙇‍♂️*	man_bowing bowing_man	
🙇‍♀️*	woman_bowing bowing_woman	
🤦*	person_facepalming facepalm	
🤦‍♂️*	man_facepalming	
🤦‍♀️*	woman_facepalming	
🤷*	person_shrugging shrug	guess knows
🤷‍♂️*	man_shrugging	guess knows
🤷‍♀️*	woman_shrugging	guess knows
🧑‍⚕️*	health_worker	
👨‍⚕️*	man_health_worker	
👩‍⚕️*	woman_health_worker	
🧑‍🎓*	student	
👨‍🎓*	man_student	
👩‍🎓*	woman_student	
🧑‍🏫*	teacher	
👨‍🏫*	man_teacher	
👩‍🏫*	woman_teacher	
🧑‍⚖️*	judge	scales
👨‍⚖️*	man_judge	scales
👩‍⚖️*	woman_judge	scales
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
🧑‍💼*	office_worker	business
👨‍💼*	man_office_worker	business
👩‍💼*	woman_office_worker	business
🧑‍🔬*	scientist	
👨‍🔬*	man_scientist	
👩‍🔬*	woman_scientist	
🧑‍💻*	technologist	
👨‍💻*	man_technologist	
👩‍💻*	woman_technologist	
🧑‍🎤*	singer	
👨‍🎤*	man_singer	
👩‍🎤*	woman_singer	
🧑‍🎨*	artist	
👨‍🎨*	man_artist	
👩‍🎨*	woman_artist	
🧑‍✈️*	pilot	
👨‍✈️*	man_pilot	
👩‍✈️*	woman_pilot	
🧑‍🚀*	astronaut	
👨‍🚀*	man_astronaut	
👩‍🚀*	woman_astronaut	
🧑‍🚒*	firefighter	
👨‍🚒*	man_firefighter	
👩‍🚒*	woman_firefighter	
👮*	police_officer cop	
👮‍♂️*	man_police_officer policeman	
👮‍♀️*	woman_police_officer policewoman	
🕵️*	detective	
🕵️‍♂️*	man_detective male_detective	
🕵️‍♀️*	woman_detective female_detective	
💂*	guard	
💂‍♂️*	man_guard guardsman	
💂‍♀️*	woman_guard guardswoman	
🥷*	ninja	skills
👷*	construction_worker	
👷‍♂️*	man_construction_worker construction_worker_man	
👷‍♀️*	woman_construction_worker construction_worker_woman	
🫅*	person_with_crown	
🤴*	prince	
👸*	princess	
👳*	person_wearing_turban person_with_turban	
👳‍♂️*	man_wearing_turban man_with_turban	
👳‍♀️*	woman_wearing_turban woman_with_turban	
👲*	person_with_skullcap man_with_gua_pi_mao	
🧕*	woman_with_headscarf	
🤵*	person_in_tuxedo	
🤵‍♂️*	man_in_tuxedo	
🤵‍♀️*	woman_in_tuxedo	
👰*	person_with_veil	
👰‍♂️*	man_with_veil	
👰‍♀️*	woman_with_veil bride_with_veil	
🤰*	pregnant_woman	
🫃*	pregnant_man	
🫄*	pregnant_person	
🤱*	breast_feeding	
👩‍🍼*	woman_feeding_baby	
👨‍🍼*	man_feeding_baby	
🧑‍🍼*	person_feeding_baby	
👼*	baby_angel angel	
🎅*	santa_claus santa	christmas xmas
🤶*	mrs_claus	christmas xmas
🧑‍🎄*	mx_claus	christmas xmas
🦸*	superhero	
🦸‍♂️*	man_superhero superhero_man	
🦸‍♀️*	woman_superhero superhero_woman	
🦹*	supervillain	
🦹‍♂️*	man_supervillain supervillain_man	
🦹‍♀️*	woman_supervillain supervillain_woman	
🧙*	mage	sorceress
🧙‍♂️*	man_mage mage_man	sorceress
🧙‍♀️*	woman_mage mage_woman	sorceress
🧚*	fairy	wings
🧚‍♂️*	man_fairy fairy_man	wings
🧚‍♀️*	woman_fairy fairy_woman	wings
🧛*	vampire	fangs
🧛‍♂️*	man_vampire vampire_man	fangs
🧛‍♀️*	woman_vampire vampire_woman	fangs
🧜*	merperson	
🧜‍♂️*	merman	
🧜‍♀️*	mermaid	
🧝*	elf	elves
🧝‍♂️*	man_elf elf_man	elves
🧝‍♀️*	woman_elf elf_woman	elves
🧞	genie	wishes
🧞‍♂️	man_genie genie_man	wishes
🧞‍♀️	woman_genie genie_woman	wishes
🧟	zombie	
🧟‍♂️	man_zombie zombie_man	
🧟‍♀️	woman_zombie zombie_woman	
🧌	troll	
🫈	hairy_creature	
💆*	person_getting_massage massage	
💆‍♂️*	man_getting_massage massage_man	
💆‍♀️*	woman_getting_massage massage_woman	
💇*	person_getting_haircut haircut	shears
💇‍♂️*	man_getting_haircut haircut_man	shears
💇‍♀️*	woman_getting_haircut haircut_woman	shears
🚶*	person_walking walking	
🚶‍♂️*	man_walking walking_man	
🚶‍♀️*	woman_walking walking_woman	
🚶‍➡️*	person_walking_facing_right	
🚶‍♀️‍➡️*	woman_walking_facing_right	
🚶‍♂️‍➡️*	man_walking_facing_right	
🧍*	person_standing standing_person	
🧍‍♂️*	man_standing standing_man	
🧍‍♀️*	woman_standing standing_woman	
🧎*	person_kneeling kneeling_person	knees
🧎‍♂️*	man_kneeling kneeling_man	knees
🧎‍♀️*	woman_kneeling kneeling_woman	knees
🧎‍➡️*	person_kneeling_facing_right	knees
🧎‍♀️‍➡️*	woman_kneeling_facing_right	knees
🧎‍♂️‍➡️*	man_kneeling_facing_right	knees
🧑‍🦯*	person_with_white_cane person_with_probing_cane	
🧑‍🦯‍➡️*	person_with_white_cane_facing_right	
👨‍🦯*	man_with_white_cane man_with_probing_cane	
👨‍🦯‍➡️*	man_with_white_cane_facing_right	
👩‍🦯*	woman_with_white_cane woman_with_probing_cane	
👩‍🦯‍➡️*	woman_with_white_cane_facing_right	
🧑‍🦼*	person_in_motorized_wheelchair	
🧑‍🦼‍➡️*	person_in_motorized_wheelchair_facing_right	
👨‍🦼*	man_in_motorized_wheelchair	
👨‍🦼‍➡️*	man_in_motorized_wheelchair_facing_right	
👩‍🦼*	woman_in_motorized_wheelchair	
👩‍🦼‍➡️*	woman_in_motorized_wheelchair_facing_right	
🧑‍🦽*	person_in_manual_wheelchair	
🧑‍🦽‍➡️*	person_in_manual_wheelchair_facing_right	
👨‍🦽*	man_in_manual_wheelchair	
👨‍🦽‍➡️*	man_in_manual_wheelchair_facing_right	
👩‍🦽*	woman_in_manual_wheelchair	
👩‍🦽‍➡️*	woman_in_manual_wheelchair_facing_right	
🏃*	person_running runner running	
🏃‍♂️*	man_running running_man	
🏃‍♀️*	woman_running running_woman	
🏃‍➡️*	person_running_facing_right	
🏃‍♀️‍➡️*	woman_running_facing_right	
🏃‍♂️‍➡️*	man_running_facing_right	
🧑‍🩰*	ballet_dancer	
💃*	woman_dancing dancer	
🕺*	man_dancing	
🕴️*	person_in_suit_levitating business_suit_levitating	
👯*	people_with_bunny_ears dancers	twinsies
👯‍♂️*	men_with_bunny_ears dancing_men	twinsies
👯‍♀️*	women_with_bunny_ears dancing_women	twinsies
🧖*	person_in_steamy_room sauna_person	luxurious
🧖‍♂️*	man_in_steamy_room sauna_man	luxurious
🧖‍♀️*	woman_in_steamy_room sauna_woman	luxurious
🧗*	person_climbing climbing	
🧗‍♂️*	man_climbing climbing_man	
🧗‍♀️*	woman_climbing climbing_woman	
🤺	person_fencing	
🏇*	horse_racing	
⛷️	skier	
🏂*	snowboarder	
🏌️*	person_golfing golfing	
🏌️‍♂️*	man_golfing golfing_man	
🏌️‍♀️*	woman_golfing golfing_woman	
🏄*	person_surfing surfer	waves
🏄‍♂️*	man_surfing surfing_man	waves
🏄‍♀️*	woman_surfing surfing_woman	waves
🚣*	person_rowing_boat rowboat	
🚣‍♂️*	man_rowing_boat rowing_man	
🚣‍♀️*	woman_rowing_boat rowing_woman	
🏊*	person_swimming swimmer	
🏊‍♂️*	man_swimming swimming_man	
🏊‍♀️*	woman_swimming swimming_woman	
⛹️*	person_bouncing_ball bouncing_ball_person	
⛹️‍♂️*	man_bouncing_ball basketball_man bouncing_ball_man	
⛹️‍♀️*	woman_bouncing_ball basketball_woman bouncing_ball_woman	
🏋️*	person_lifting_weights weight_lifting	
🏋️‍♂️*	man_lifting_weights weight_lifting_man	
🏋️‍♀️*	woman_lifting_weights weight_lifting_woman	
🚴*	person_biking bicyclist	
🚴‍♂️*	man_biking biking_man	
🚴‍♀️*	woman_biking biking_woman	
🚵*	person_mountain_biking mountain_bicyclist	
🚵‍♂️*	man_mountain_biking mountain_biking_man	
🚵‍♀️*	woman_mountain_biking mountain_biking_woman	
🤸*	person_cartwheeling cartwheeling	gymnastics
🤸‍♂️*	man_cartwheeling	gymnastics
🤸‍♀️*	woman_cartwheeling	gymnastics
🤼*	people_wrestling wrestling	
🤼‍♂️*	men_wrestling	
🤼‍♀️*	women_wrestling	
🤽*	person_playing_water_polo water_polo	
🤽‍♂️*	man_playing_water_polo	
🤽‍♀️*	woman_playing_water_polo	
🤾*	person_playing_handball handball_person	athletics toss
🤾‍♂️*	man_playing_handball	athletics toss
🤾‍♀️*	woman_playing_handball	athletics toss
🤹*	person_juggling juggling_person	
🤹‍♂️*	man_juggling	
🤹‍♀️*	woman_juggling	
🧘*	person_in_lotus_position lotus_position	cross legs
🧘‍♂️*	man_in_lotus_position lotus_position_man	cross legs
🧘‍♀️*	woman_in_lotus_position lotus_position_woman	cross legs
🛀*	person_taking_bath bath	
🛌*	person_in_bed sleeping_bed	
🧑‍🤝‍🧑+	people_holding_hands	friends twins
👭*	women_holding_hands two_women_holding_hands	friends girls sisters twins
👫*	woman_and_man_holding_hands couple	friends twins
👬*	men_holding_hands two_men_holding_hands	boys brothers friends twins
💏*	kiss couplekiss	
👩‍❤️‍💋‍👨+	kiss_woman_man couplekiss_man_woman	
👨‍❤️‍💋‍👨+	kiss_man_man couplekiss_man_man	
👩‍❤️‍💋‍👩+	kiss_woman_woman couplekiss_woman_woman	
💑*	couple_with_heart	kiss
👩‍❤️‍👨+	couple_with_heart_woman_man	kiss
👨‍❤️‍👨+	couple_with_heart_man_man	kiss
👩‍❤️‍👩+	couple_with_heart_woman_woman	kiss
👨‍👩‍👦	family_man_woman_boy	
👨‍👩‍👧	family_man_woman_girl	
👨‍👩‍👧‍👦	family_man_woman_girl_boy	
👨‍👩‍👦‍👦	family_man_woman_boy_boy	
👨‍👩‍👧‍👧	family_man_woman_girl_girl	
👨‍👨‍👦	family_man_man_boy	
👨‍👨‍👧	family_man_man_girl	
👨‍👨‍👧‍👦	family_man_man_girl_boy	
👨‍👨‍👦‍👦	family_man_man_boy_boy	
👨‍👨‍👧‍👧	family_man_man_girl_girl	
👩‍👩‍👦	family_woman_woman_boy	
👩‍👩‍👧	family_woman_woman_girl	
👩‍👩‍👧‍👦	family_woman_woman_girl_boy	
👩‍👩‍👦‍👦	family_woman_woman_boy_boy	
👩‍👩‍👧‍👧	family_woman_woman_girl_girl	
👨‍👦	family_man_boy	
👨‍👦‍👦	family_man_boy_boy	
👨‍👧	family_man_girl	
👨‍👧‍👦	family_man_girl_boy	
👨‍👧‍👧	family_man_girl_girl	
👩‍👦	family_woman_boy	
👩‍👦‍👦	family_woman_boy_boy	
👩‍👧	family_woman_girl	
👩‍👧‍👦	family_woman_girl_boy	
👩‍👧‍👧	family_woman_girl_girl	
🗣️	speaking_head	
👤	bust_in_silhouette	mysterious
👥	busts_in_silhouette	
🫂	people_hugging	thanks
👪	family	
🧑‍🧑‍🧒	family_adult_adult_child	
🧑‍🧑‍🧒‍🧒	family_adult_adult_child_child	
🧑‍🧒	family_adult_child	
🧑‍🧒‍🧒	family_adult_child_child	
👣	footprints	
🫆	fingerprint	forensics

🐵	monkey_face	
🐒	monkey	
🦍	gorilla	
🦧	orangutan	
🐶	dog_face dog	adorbs puppies
🐕	dog dog2	
🦮	guide_dog	
🐕‍🦺	service_dog	
🐩	poodle	
🐺	wolf	
🦊	fox fox_face	
🦝	raccoon	curious
🐱	cat_face cat	
🐈	cat cat2	
🐈‍⬛	black_cat	
🦁	lion	
🐯	tiger_face tiger	
🐅	tiger tiger2	
🐆	leopard	
🐴	horse_face horse	
🫎	moose	alces antlers
🫏	donkey	ass
🐎	horse racehorse	
🦄	unicorn	
🦓	zebra	
🦌	deer	
🦬	bison	
🐮	cow_face cow	
🐂	ox	taurus
🐃	water_buffalo	
🐄	cow cow2	
🐷	pig_face pig	
🐖	pig pig2	
🐗	boar	
🐽	pig_nose	
🐏	ram	aries horns
🐑	ewe sheep	
🐐	goat	
🐪	camel dromedary_camel	
🐫	two_hump_camel camel	
🦙	llama	
🦒	giraffe	spots
🐘	elephant	
🦣	mammoth	
🦏	rhinoceros	
🦛	hippopotamus	
🐭	mouse_face mouse	
🐁	mouse mouse2	
🐀	rat	
🐹	hamster	
🐰	rabbit_face rabbit	
🐇	rabbit rabbit2	
🐿️	chipmunk	
🦫	beaver	
🦔	hedgehog	
🦇	bat	
🐻	bear	
🐻‍❄️	polar_bear	
🐨	koala	
🐼	panda panda_face	
🦥	sloth	
🦦	otter	
🦨	skunk	
🦘	kangaroo	
🦡	badger	
🐾	paw_prints feet	
🦃	turkey	
🐔	chicken	
🐓	rooster	
🐣	hatching_chick	
🐤	baby_chick	
🐥	front_facing_baby_chick hatched_chick	
🐦	bird	
🐧	penguin	
🕊️	dove	
🦅	eagle	
🦆	duck	
🦢	swan	
🦉	owl	
🦤	dodo	
🪶	feather	
🦩	flamingo	
🦚	peacock	ostentatious
🦜	parrot	
🪽	wing	
🐦‍⬛	black_bird	
🪿	goose	
🐦‍🔥	phoenix	
🐸	frog	
🐊	crocodile	
🐢	turtle	
🦎	lizard	
🐍	snake	ophiuchus
🐲	dragon_face	
🐉	dragon	knights
🦕	sauropod	brachiosaurus brontosaurus diplodocus
🦖	t_rex t-rex	tyrannosaurus
🐳	spouting_whale whale	
🐋	whale whale2	
🐬	dolphin flipper	
🫍	orca	
🦭	seal	
🐟	fish	fishes pisces
🐠	tropical_fish	
🐡	blowfish	
🦈	shark	
🐙	octopus	
🐚	spiral_shell shell	
🪸	coral	
🪼	jellyfish	tentacles
🦀	crab	
🦞	lobster	claws
🦐	shrimp	
🦑	squid	
🦪	oyster	
🐌	snail	
🦋	butterfly	
🐛	bug	
🐜	ant	
🐝	honeybee bee	
🪲	beetle	
🐞	lady_beetle	
🦗	cricket	
🪳	cockroach	
🕷️	spider	
🕸️	spider_web	
🦂	scorpion	scorpius
🦟	mosquito	virus
🪰	fly	
🪱	worm	
🦠	microbe	virus
💐	bouquet	
🌸	cherry_blossom	
💮	white_flower	
🪷	lotus	
🏵️	rosette	
🌹	rose	
🥀	wilted_flower	
🌺	hibiscus	
🌻	sunflower	outdoors
🌼	blossom	
🌷	tulip	
🪻	hyacinth	
🌱	seedling	
🪴	potted_plant	
🌲	evergreen_tree	christmas
🌳	deciduous_tree	
🌴	palm_tree	
🌵	cactus	
🌾	sheaf_of_rice ear_of_rice	
🌿	herb	
☘️	shamrock	
🍀	four_leaf_clover	
🍁	maple_leaf	
🍂	fallen_leaf	
🍃	leaf_fluttering_in_wind leaves	
🪹	empty_nest	
🪺	nest_with_eggs	
🍄	mushroom	fungus
🪾	leafless_tree	branches

🍇	grapes	dionysus
🍈	melon	
🍉	watermelon	
🍊	tangerine mandarin orange	citrus
🍋	lemon	citrus
🍋‍🟩	lime	citrus
🍌	banana	
🍍	pineapple	
🥭	mango	
🍎	red_apple apple	
🍏	green_apple	
🍐	pear	
🍑	peach	
🍒	cherries	berries
🍓	strawberry	
🫐	blueberries	berries
🥝	kiwi_fruit	
🍅	tomato	
🫒	olive	
🥥	coconut	
🥑	avocado	
🍆	eggplant	
🥔	potato	
🥕	carrot	
🌽	ear_of_corn corn	crops
🌶️	hot_pepper	
🫑	bell_pepper	
🥒	cucumber	
🥬	leafy_green	burgers
🥦	broccoli	
🧄	garlic	
🧅	onion	
🥜	peanuts	
🫘	beans	
🌰	chestnut	
🫚	ginger_root	
🫛	pea_pod	beans
🍄‍🟫	brown_mushroom	fungus toppings
🫜	root_vegetable	
🍞	bread	carbs
🥐	croissant	
🥖	baguette_bread	
🫓	flatbread	
🥨	pretzel	
🥯	bagel	
🥞	pancakes	
🧇	waffle	
🧀	cheese_wedge cheese	
🍖	meat_on_bone	
🍗	poultry_leg	
🥩	cut_of_meat	
🥓	bacon	
🍔	hamburger	
🍟	french_fries fries	
🍕	pizza	
🌭	hot_dog hotdog	
🥪	sandwich	
🌮	taco	
🌯	burrito	
🫔	tamale	
🥙	stuffed_flatbread	
🧆	falafel	
🥚	egg	
🍳	cooking fried_egg	
🥘	shallow_pan_of_food	
🍲	pot_of_food stew	
🫕	fondue	
🥣	bowl_with_spoon	
🥗	green_salad	
🍿	popcorn	
🧈	butter	
🧂	salt	
🥫	canned_food	
🍱	bento_box bento	
🍘	rice_cracker	
🍙	rice_ball	
🍚	cooked_rice rice	
🍛	curry_rice curry	
🍜	steaming_bowl ramen	chopsticks
🍝	spaghetti	meatballs
🍠	roasted_sweet_potato sweet_potato	
🍢	oden	
🍣	sushi	
🍤	fried_shrimp	
🍥	fish_cake_with_swirl fish_cake	
🥮	moon_cake	
🍡	dango	
🥟	dumpling	
🥠	fortune_cookie	
🥡	takeout_box	chopsticks
🍦	soft_ice_cream icecream	
🍧	shaved_ice	
🍨	ice_cream	
🍩	doughnut	
🍪	cookie	
🎂	birthday_cake birthday	
🍰	shortcake cake	
🧁	cupcake	sprinkles
🥧	pie	
🍫	chocolate_bar	
🍬	candy	cavities
🍭	lollipop	
🍮	custard	
🍯	honey_pot	
🍼	baby_bottle	babies
🥛	glass_of_milk milk_glass	
☕	hot_beverage coffee	
🫖	teapot	
🍵	teacup_without_handle tea	
🍶	sake	
🍾	bottle_with_popping_cork champagne	
🍷	wine_glass	
🍸	cocktail_glass cocktail	
🍹	tropical_drink	tropics
🍺	beer_mug beer	
🍻	clinking_beer_mugs beers	bottoms cheers drinks
🥂	clinking_glasses	glass
🥃	tumbler_glass	
🫗	pouring_liquid	glass oops
🥤	cup_with_straw	
🧋	bubble_tea	
🧃	beverage_box	
🧉	mate	
🧊	ice ice_cube	
🥢	chopsticks	
🍽️	fork_and_knife_with_plate plate_with_cutlery	
🍴	fork_and_knife	delicious
🥄	spoon	
🔪	kitchen_knife hocho knife	
🫙	jar	
🏺	amphora	aquarius

🌍	globe_showing_europe_africa earth_africa	
🌎	globe_showing_americas earth_americas	
🌏	globe_showing_asia_australia earth_asia	
🌐	globe_with_meridians	
🗺️	world_map	
🗾	map_of_japan japan	
🧭	compass	
🏔️	snow_capped_mountain mountain_snow	
⛰️	mountain	
🛘	landslide	rocks
🌋	volcano	
🗻	mount_fuji	
🏕️	camping	
🏖️	beach_with_umbrella beach_umbrella	
🏜️	desert	
🏝️	desert_island	
🏞️	national_park	
🏟️	stadium	
🏛️	classical_building	
🏗️	building_construction	
🧱	brick bricks	
🪨	rock	
🪵	wood	
🛖	hut	
🏘️	houses	
🏚️	derelict_house	
🏠	house	
🏡	house_with_garden	
🏢	office_building office	
🏣	japanese_post_office post_office	
🏤	post_office european_post_office	
🏥	hospital	
🏦	bank	
🏨	hotel	
🏩	love_hotel	
🏪	convenience_store	hours
🏫	school	
🏬	department_store	
🏭	factory	
🏯	japanese_castle	
🏰	castle european_castle	
💒	wedding	nuptials
🗼	tokyo_tower	
🗽	statue_of_liberty	
⛪	church	bless cross
🕌	mosque	
🛕	hindu_temple	
🕍	synagogue	
⛩️	shinto_shrine	
🕋	kaaba	
⛲	fountain	
⛺	tent	
🌁	foggy	
🌃	night_with_stars	
🏙️	cityscape	
🌄	sunrise_over_mountains	
🌅	sunrise	
🌆	cityscape_at_dusk city_sunset	
🌇	sunset city_sunrise	
🌉	bridge_at_night	
♨️	hot_springs hotsprings	
🎠	carousel_horse	
🛝	playground_slide	
🎡	ferris_wheel	
🎢	roller_coaster	
💈	barber_pole barber	
🎪	circus_tent	
🚂	locomotive steam_locomotive	
🚃	railway_car	trolleybus
🚄	high_speed_train bullettrain_side	
🚅	bullet_train bullettrain_front	
🚆	train train2	
🚇	metro	
🚈	light_rail	
🚉	station	
🚊	tram	trolleybus
🚝	monorail	
🚞	mountain_railway	
🚋	tram_car train	bus trolleybus
🚌	bus	
🚍	oncoming_bus	cars
🚎	trolleybus	bus
🚐	minibus	bus
🚑	ambulance	
🚒	fire_engine	
🚓	police_car	cops
🚔	oncoming_police_car	
🚕	taxi	
🚖	oncoming_taxi	cars
🚗	automobile car red_car	
🚘	oncoming_automobile	
🚙	sport_utility_vehicle blue_car	
🛻	pickup_truck	
🚚	delivery_truck truck	
🚛	articulated_lorry	
🚜	tractor	
🏎️	racing_car	
🏍️	motorcycle	
🛵	motor_scooter	
🦽	manual_wheelchair	
🦼	motorized_wheelchair	
🛺	auto_rickshaw	
🚲	bicycle bike	class
🛴	kick_scooter	
🛹	skateboard	wheels
🛼	roller_skate	blades
🚏	bus_stop busstop	
🛣️	motorway	
🛤️	railway_track	
🛢️	oil_drum	
⛽	fuel_pump fuelpump	gas
🛞	wheel	
🚨	police_car_light rotating_light	
🚥	horizontal_traffic_light traffic_light	
🚦	vertical_traffic_light	
🛑	stop_sign	
🚧	construction	
⚓	anchor	
🛟	ring_buoy	
⛵	sailboat boat	
🛶	canoe	
🚤	speedboat	
🛳️	passenger_ship	
⛴️	ferry	
🛥️	motor_boat	
🚢	ship	
✈️	airplane	
🛩️	small_airplane	
🛫	airplane_departure flight_departure	
🛬	airplane_arrival flight_arrival	
🪂	parachute	
💺	seat	
🚁	helicopter	
🚟	suspension_railway	
🚠	mountain_cableway	
🚡	aerial_tramway	
🛰️	satellite artificial_satellite	
🚀	rocket	
🛸	flying_saucer	aliens
🛎️	bellhop_bell	
🧳	luggage	
⌛	hourglass_done hourglass	
⏳	hourglass_not_done hourglass_flowing_sand	hours
⌚	watch	
⏰	alarm_clock	hours hrs
⏱️	stopwatch	
⏲️	timer_clock	
🕰️	mantelpiece_clock	
🕛	twelve_oclock clock12	
🕧	twelve_thirty clock1230	
🕐	one_oclock clock1	
🕜	one_thirty clock130	
🕑	two_oclock clock2	
🕝	two_thirty clock230	
🕒	three_oclock clock3	
🕞	three_thirty clock330	
🕓	four_oclock clock4	
🕟	four_thirty clock430	
🕔	five_oclock clock5	
🕠	five_thirty clock530	
🕕	six_oclock clock6	
🕡	six_thirty clock630	
🕖	seven_oclock clock7	
🕢	seven_thirty clock730	
🕗	eight_oclock clock8	
🕣	eight_thirty clock830	
🕘	nine_oclock clock9	
🕤	nine_thirty clock930	
🕙	ten_oclock clock10	
🕥	ten_thirty clock1030	
🕚	eleven_oclock clock11	
🕦	eleven_thirty clock1130	
🌑	new_moon	
🌒	waxing_crescent_moon	dreams
🌓	first_quarter_moon	
🌔	waxing_gibbous_moon moon	
🌕	full_moon	
🌖	waning_gibbous_moon	
🌗	last_quarter_moon	
🌘	waning_crescent_moon	
🌙	crescent_moon	
🌚	new_moon_face new_moon_with_face	
🌛	first_quarter_moon_face first_quarter_moon_with_face	
🌜	last_quarter_moon_face last_quarter_moon_with_face	dreams
🌡️	thermometer	
☀️	sun sunny	rays
🌝	full_moon_face full_moon_with_face	
🌞	sun_with_face	
🪐	ringed_planet	
⭐	star	
🌟	glowing_star star2	
🌠	shooting_star stars	
🌌	milky_way	
☁️	cloud	
⛅	sun_behind_cloud partly_sunny	
⛈️	cloud_with_lightning_and_rain	
🌤️	sun_behind_small_cloud	
🌥️	sun_behind_large_cloud	
🌦️	sun_behind_rain_cloud	
🌧️	cloud_with_rain	
🌨️	cloud_with_snow	
🌩️	cloud_with_lightning	
🌪️	tornado	
🌫️	fog	
🌬️	wind_face	
🌀	cyclone	
🌈	rainbow	trans
🌂	closed_umbrella	
☂️	umbrella open_umbrella	
☔	umbrella_with_rain_drops umbrella	
⛱️	umbrella_on_ground parasol_on_ground	
⚡	high_voltage zap	
❄️	snowflake	
☃️	snowman snowman_with_snow	
⛄	snowman_without_snow snowman	
☄️	comet	
🔥	fire	
💧	droplet	
🌊	water_wave ocean	

🎃	jack_o_lantern	
🎄	christmas_tree	
🎆	fireworks	
🎇	sparkler	fireworks
🧨	firecracker	fireworks
✨	sparkles	
🎈	balloon	
🎉	party_popper tada	
🎊	confetti_ball	
🎋	tanabata_tree	
🎍	pine_decoration bamboo	
🎎	japanese_dolls dolls	
🎏	carp_streamer flags	
🎐	wind_chime	
🎑	moon_viewing_ceremony rice_scene	
🧧	red_envelope	
🎀	ribbon	
🎁	wrapped_gift gift	christmas
🎗️	reminder_ribbon	
🎟️	admission_tickets tickets	
🎫	ticket	
🎖️	military_medal medal_military	
🏆	trophy	champs
🏅	sports_medal medal_sports	
🥇	1st_place_medal	
🥈	2nd_place_medal	
🥉	3rd_place_medal	
⚽	soccer_ball soccer	
⚾	baseball	
🥎	softball	sports
🏀	basketball	
🏐	volleyball	
🏈	american_football football	
🏉	rugby_football	
🎾	tennis	
🥏	flying_disc	
🎳	bowling	
🏏	cricket_game	
🏑	field_hockey	
🏒	ice_hockey	
🥍	lacrosse	sports
🏓	ping_pong	tennis
🏸	badminton	
🥊	boxing_glove	
🥋	martial_arts_uniform	
🥅	goal_net	
⛳	flag_in_hole golf	
⛸️	ice_skate	
🎣	fishing_pole fishing_pole_and_fish	
🤿	diving_mask	
🎽	running_shirt running_shirt_with_sash	athletics
🎿	skis ski	
🛷	sled	
🥌	curling_stone	
🎯	bullseye dart	
🪀	yo_yo	
🪁	kite	
🔫	water_pistol gun	
🎱	pool_8_ball 8ball	
🔮	crystal_ball	
🪄	magic_wand	
🎮	video_game	
🕹️	joystick	
🎰	slot_machine	
🎲	game_die	
🧩	puzzle_piece jigsaw	
🧸	teddy_bear	
🪅	pinata	
🪩	mirror_ball	
🪆	nesting_dolls	
♠️	spade_suit spades	
♥️	heart_suit hearts	
♦️	diamond_suit diamonds	
♣️	club_suit clubs	
♟️	chess_pawn	
🃏	joker black_joker	
🀄	mahjong_red_dragon mahjong	
🎴	flower_playing_cards	
🎭	performing_arts	actress
🖼️	framed_picture	
🎨	artist_palette art	
🧵	thread	
🪡	sewing_needle	stitches sutures
🧶	yarn	
🪢	knot	

👓	glasses eyeglasses	
🕶️	sunglasses dark_sunglasses	glasses
🥽	goggles	
🥼	lab_coat	clothes
🦺	safety_vest	
👔	necktie	serious
👕	t_shirt shirt tshirt	clothes
👖	jeans	clothes pants trousers
🧣	scarf	
🧤	gloves	
🧥	coat	
🧦	socks	
👗	dress	clothes
👘	kimono	
🥻	sari	dress
🩱	one_piece_swimsuit	
🩲	briefs swim_brief	
🩳	shorts	pants
👙	bikini	
👚	womans_clothes	dress
🪭	folding_hand_fan	
👛	purse	clothes dress
👜	handbag	clothes dress
👝	clutch_bag pouch	clothes dress
🛍️	shopping_bags shopping	
🎒	backpack school_satchel	
🩴	thong_sandal	
👞	mans_shoe shoe	clothes
👟	running_shoe athletic_shoe	clothes tennis
🥾	hiking_boot	outdoors
🥿	flat_shoe	
👠	high_heeled_shoe high_heel	clothes dress
👡	womans_sandal sandal	
🩰	ballet_shoes	
👢	womans_boot boot	clothes dress shoes
🪮	hair_pick	
👑	crown	
👒	womans_hat	clothes
🎩	top_hat tophat	clothes
🎓	graduation_cap mortar_board	
🧢	billed_cap	
🪖	military_helmet	
⛑️	rescue_workers_helmet rescue_worker_helmet	cross
📿	prayer_beads	
💄	lipstick	cosmetics
💍	ring	
💎	gem_stone gem	
🔇	muted_speaker mute	
🔈	speaker_low_volume speaker	
🔉	speaker_medium_volume sound	
🔊	speaker_high_volume loud_sound	
📢	loudspeaker	address
📣	megaphone mega	
📯	postal_horn	
🔔	bell	
🔕	bell_with_slash no_bell	
🎼	musical_score	
🎵	musical_note	
🎶	musical_notes notes	
🎙️	studio_microphone	
🎚️	level_slider	
🎛️	control_knobs	
🎤	microphone	
🎧	headphone headphones	
📻	radio	
🎷	saxophone	
🎺	trumpet	
🪊	trombone	brass
🪗	accordion	
🎸	guitar	
🎹	musical_keyboard	
🎻	violin	
🪕	banjo	
🥁	drum	drumsticks
🪘	long_drum	
🪇	maracas	
🪈	flute	
🪉	harp	
📱	mobile_phone iphone	
📲	mobile_phone_with_arrow calling	
☎️	telephone phone	
📞	telephone_receiver	
📟	pager	
📠	fax_machine fax	
🔋	battery	
🪫	low_battery	
🔌	electric_plug	
💻	laptop computer	
🖥️	desktop_computer	
🖨️	printer	
⌨️	keyboard	
🖱️	computer_mouse	
🖲️	trackball	
💽	computer_disk minidisc	
💾	floppy_disk	
💿	optical_disk cd	
📀	dvd	
🧮	abacus	
🎥	movie_camera	
🎞️	film_frames film_strip	
📽️	film_projector	
🎬	clapper_board clapper	
📺	television tv	
📷	camera	
📸	camera_with_flash camera_flash	
📹	video_camera	
📼	videocassette vhs	
🔍	magnifying_glass_tilted_left mag	
🔎	magnifying_glass_tilted_right mag_right	
🕯️	candle	
💡	light_bulb bulb	
🔦	flashlight	
🏮	red_paper_lantern izakaya_lantern lantern	
🪔	diya_lamp	
📔	notebook_with_decorative_cover	
📕	closed_book	
📖	open_book book	novels
📗	green_book	
📘	blue_book	
📙	orange_book	
📚	books	novels
📓	notebook	
📒	ledger	
📃	page_with_curl	
📜	scroll	
📄	page_facing_up	
📰	newspaper	news
🗞️	rolled_up_newspaper newspaper_roll	news
📑	bookmark_tabs	
🔖	bookmark	
🏷️	label	
🪙	coin	
💰	money_bag moneybag	
🪎	treasure_chest	jewels valuables
💴	yen_banknote yen	
💵	dollar_banknote dollar	
💶	euro_banknote euro	
💷	pound_banknote pound	
💸	money_with_wings	
💳	credit_card	
🧾	receipt	
💹	chart_increasing_with_yen chart	
✉️	envelope	
📧	e_mail e-mail email	
📨	incoming_envelope	
📩	envelope_with_arrow	
📤	outbox_tray	
📥	inbox_tray	
📦	package	
📫	closed_mailbox_with_raised_flag mailbox	
📪	closed_mailbox_with_lowered_flag mailbox_closed	
📬	open_mailbox_with_raised_flag mailbox_with_mail	
📭	open_mailbox_with_lowered_flag mailbox_with_no_mail	
📮	postbox	
🗳️	ballot_box_with_ballot ballot_box	
✏️	pencil pencil2	
✒️	black_nib	
🖋️	fountain_pen	
🖊️	pen	
🖌️	paintbrush	
🖍️	crayon	
📝	memo pencil	notes
💼	briefcase	
📁	file_folder	
📂	open_file_folder	
🗂️	card_index_dividers	
📅	calendar date	
📆	tear_off_calendar calendar	
🗒️	spiral_notepad	
🗓️	spiral_calendar	
📇	card_index	
📈	chart_increasing chart_with_upwards_trend	
📉	chart_decreasing chart_with_downwards_trend	
📊	bar_chart	
📋	clipboard	notes
📌	pushpin	
📍	round_pushpin	
📎	paperclip	
🖇️	linked_paperclips paperclips	
📏	straight_ruler	
📐	triangular_ruler	
✂️	scissors	
🗃️	card_file_box	
🗄️	file_cabinet	
🗑️	wastebasket	
🔒	locked lock	
🔓	unlocked unlock	
🔏	locked_with_pen lock_with_ink_pen	
🔐	locked_with_key closed_lock_with_key	
🔑	key	
🗝️	old_key	
🔨	hammer	repairs
🪓	axe	
⛏️	pick	
⚒️	hammer_and_pick	
🛠️	hammer_and_wrench	
🗡️	dagger	
⚔️	crossed_swords	
💣	bomb	dangerous
🪃	boomerang	
🏹	bow_and_arrow	sagittarius
🛡️	shield	
🪚	carpentry_saw	
🔧	wrench	
🪛	screwdriver	
🔩	nut_and_bolt	
⚙️	gear	
🗜️	clamp	compress
⚖️	balance_scale	
🦯	white_cane probing_cane	
🔗	link	
⛓️‍💥	broken_chain	cuffs
⛓️	chains	
🪝	hook	
🧰	toolbox	
🧲	magnet	
🪜	ladder	
🪏	shovel	
⚗️	alembic	
🧪	test_tube	
🧫	petri_dish	
🧬	dna	genetics
🔬	microscope	
🔭	telescope	
📡	satellite_antenna satellite	aliens
💉	syringe	
🩸	drop_of_blood	
💊	pill	drugs
🩹	adhesive_bandage	
🩼	crutch	
🩺	stethoscope	
🩻	x_ray	bones
🚪	door	
🛗	elevator	
🪞	mirror	
🪟	window	
🛏️	bed	
🛋️	couch_and_lamp	
🪑	chair	
🚽	toilet	
🪠	plunger	
🚿	shower	
🛁	bathtub	
🪤	mouse_trap	
🪒	razor	
🧴	lotion_bottle	
🧷	safety_pin	
🧹	broom	
🧺	basket	
🧻	roll_of_paper	towels
🪣	bucket	
🧼	soap	
🫧	bubbles	
🪥	toothbrush	
🧽	sponge	porous
🧯	fire_extinguisher	
🛒	shopping_cart	
🚬	cigarette smoking	
⚰️	coffin	
🪦	headstone	
⚱️	funeral_urn	ashes
🧿	nazar_amulet	
🪬	hamsa	
🗿	moai moyai	
🪧	placard	
🪪	identification_card	credentials

🏧	atm_sign atm	
🚮	litter_in_bin_sign put_litter_in_its_place	
🚰	potable_water	
♿	wheelchair_symbol wheelchair	access
🚹	mens_room mens	
🚺	womens_room womens	
🚻	restroom	
🚼	baby_symbol	
🚾	water_closet wc	
🛂	passport_control	
🛃	customs	
🛄	baggage_claim	bags
🛅	left_luggage	
⚠️	warning	
🚸	children_crossing	
⛔	no_entry	pass
🚫	prohibited no_entry_sign	
🚳	no_bicycles	
🚭	no_smoking	
🚯	no_littering do_not_litter	
🚱	non_potable_water non-potable_water	
🚷	no_pedestrians	
📵	no_mobile_phones	
🔞	no_one_under_eighteen underage	
☢️	radioactive	
☣️	biohazard	
⬆️	up_arrow arrow_up	
↗️	up_right_arrow arrow_upper_right	
➡️	right_arrow arrow_right	
↘️	down_right_arrow arrow_lower_right	
⬇️	down_arrow arrow_down	
↙️	down_left_arrow arrow_lower_left	
⬅️	left_arrow arrow_left	
↖️	up_left_arrow arrow_upper_left	
↕️	up_down_arrow arrow_up_down	
↔️	left_right_arrow	
↩️	right_arrow_curving_left leftwards_arrow_with_hook	
↪️	left_arrow_curving_right arrow_right_hook	
⤴️	right_arrow_curving_up arrow_heading_up	
⤵️	right_arrow_curving_down arrow_heading_down	
🔃	clockwise_vertical_arrows arrows_clockwise	
🔄	counterclockwise_arrows_button arrows_counterclockwise	rewindershins
🔙	back_arrow back	
🔚	end_arrow end	
🔛	on_arrow on	
🔜	soon_arrow soon	
🔝	top_arrow top	
🛐	place_of_worship	
⚛️	atom_symbol	
🕉️	om	
✡️	star_of_david	
☸️	wheel_of_dharma	
☯️	yin_yang	lives
✝️	latin_cross	
☦️	orthodox_cross	
☪️	star_and_crescent	
☮️	peace_symbol	
🕎	menorah	
🔯	dotted_six_pointed_star six_pointed_star	
🪯	khanda	
♈	aries	
♉	taurus	
♊	gemini	twins
♋	cancer	
♌	leo	
♍	virgo	
♎	libra	scales
♏	scorpio scorpius	
♐	sagittarius	
♑	capricorn	
♒	aquarius	
♓	pisces	
⛎	ophiuchus	
🔀	shuffle_tracks_button twisted_rightwards_arrows	
🔁	repeat_button repeat	
🔂	repeat_single_button repeat_one	
▶️	play_button arrow_forward	
⏩	fast_forward_button fast_forward	
⏭️	next_track_button	
⏯️	play_or_pause_button	
◀️	reverse_button arrow_backward	
⏪	fast_reverse_button rewind	
⏮️	last_track_button previous_track_button	
🔼	upwards_button arrow_up_small	
⏫	fast_up_button arrow_double_up	
🔽	downwards_button arrow_down_small	
⏬	fast_down_button arrow_double_down	
⏸️	pause_button	
⏹️	stop_button	
⏺️	record_button	
⏏️	eject_button	
🎦	cinema	
🔅	dim_button low_brightness	
🔆	bright_button high_brightness	
📶	antenna_bars signal_strength	
🛜	wireless	
📳	vibration_mode	
📴	mobile_phone_off	
♀️	female_sign	
♂️	male_sign	
⚧️	transgender_symbol	
✖️	multiply heavy_multiplication_x	
➕	plus heavy_plus_sign	
➖	minus heavy_minus_sign	
➗	divide heavy_division_sign	
🟰	heavy_equals_sign	
♾️	infinity	
‼️	double_exclamation_mark bangbang	
⁉️	exclamation_question_mark interrobang	
❓	red_question_mark question	
❔	white_question_mark grey_question	
❕	white_exclamation_mark grey_exclamation	
❗	red_exclamation_mark exclamation heavy_exclamation_mark	
〰️	wavy_dash	
💱	currency_exchange	
💲	heavy_dollar_sign	
⚕️	medical_symbol	aesculapius
♻️	recycling_symbol recycle	
⚜️	fleur_de_lis	knights
🔱	trident_emblem trident	
📛	name_badge	
🔰	japanese_symbol_for_beginner beginner	
⭕	hollow_red_circle o	
✅	check_mark_button white_check_mark	
☑️	check_box_with_check ballot_box_with_check	
✔️	check_mark heavy_check_mark	
❌	cross_mark x	
❎	cross_mark_button negative_squared_cross_mark	
➰	curly_loop	
➿	double_curly_loop loop	
〽️	part_alternation_mark	
✳️	eight_spoked_asterisk	
✴️	eight_pointed_star eight_pointed_black_star	
❇️	sparkle	
©️	copyright	
®️	registered	
™️	trade_mark tm	
🫟	splatter	mess
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
🔤	input_latin_letters abc	
🅰️	a_button_blood_type a	
🆎	ab_button_blood_type ab	
🅱️	b_button_blood_type b	
🆑	cl_button cl	
🆒	cool_button cool	
🆓	free_button free	
ℹ️	information information_source	
🆔	id_button id	
Ⓜ️	circled_m m	
🆕	new_button new	
🆖	ng_button ng	
🅾️	o_button_blood_type o2	
🆗	ok_button ok	
🅿️	p_button parking	
🆘	sos_button sos	
🆙	up_button up	
🆚	vs_button vs	versus
🈁	japanese_here_button koko	
🈂️	japanese_service_charge_button sa	
🈷️	japanese_monthly_amount_button u6708	
🈶	japanese_not_free_of_charge_button u6709	
🈯	japanese_reserved_button u6307	
🉐	japanese_bargain_button ideograph_advantage	
🈹	japanese_discount_button u5272	
🈚	japanese_free_of_charge_button u7121	
🈲	japanese_prohibited_button u7981	
🉑	japanese_acceptable_button accept	
🈸	japanese_application_button u7533	
🈴	japanese_passing_grade_button u5408	
🈳	japanese_vacancy_button u7a7a	
㊗️	japanese_congratulations_button congratulations	
㊙️	japanese_secret_button secret	
🈺	japanese_open_for_business_button u55b6	
🈵	japanese_no_vacancy_button u6e80	
🔴	red_circle	
🟠	orange_circle	
🟡	yellow_circle	
🟢	green_circle	
🔵	blue_circle large_blue_circle	
🟣	purple_circle	
🟤	brown_circle	
⚫	black_circle	
⚪	white_circle	
🟥	red_square	
🟧	orange_square	
🟨	yellow_square	
🟩	green_square	
🟦	blue_square	
🟪	purple_square	
🟫	brown_square	
⬛	black_large_square	
⬜	white_large_square	
◼️	black_medium_square	
◻️	white_medium_square	
◾	black_medium_small_square	
◽	white_medium_small_square	
▪️	black_small_square	
▫️	white_small_square	
🔶	large_orange_diamond	
🔷	large_blue_diamond	
🔸	small_orange_diamond	
🔹	small_blue_diamond	
🔺	red_triangle_pointed_up small_red_triangle	
🔻	red_triangle_pointed_down small_red_triangle_down	
💠	diamond_with_a_dot diamond_shape_with_a_dot_inside	
🔘	radio_button	
🔳	white_square_button	
🔲	black_square_button	

🏁	chequered_flag checkered_flag	
🚩	triangular_flag triangular_flag_on_post	
🎌	crossed_flags	cross
🏴	black_flag	
🏳️	white_flag	
🏳️‍🌈	rainbow_flag	trans
🏳️‍⚧️	transgender_flag	
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
🇦🇸	flag_american_samoa american_samoa	as
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
🇧🇸	flag_bahamas bahamas	bs
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
🇬🇸	flag_south_georgia_south_sandwich_islands south_georgia_south_sandwich_islands	gs
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
🇮🇸	flag_iceland iceland	is
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
🇱🇸	flag_lesotho lesotho	ls
🇱🇹	flag_lithuania lithuania	
🇱🇺	flag_luxembourg luxembourg	
🇱🇻	flag_latvia latvia	
🇱🇾	flag_libya libya	
🇲🇦	flag_morocco morocco	
🇲🇨	flag_monaco monaco	
🇲🇩	flag_moldova moldova	
🇲🇪	flag_montenegro montenegro	
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
🇲🇸	flag_montserrat montserrat	ms
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
🇳🇴	flag_norway norway	
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
🇵🇸	flag_palestinian_territories palestinian_territories	ps
🇵🇹	flag_portugal portugal	
🇵🇼	flag_palau palau	
🇵🇾	flag_paraguay paraguay	
🇶🇦	flag_qatar qatar	
🇷🇪	flag_reunion reunion	
🇷🇴	flag_romania romania	
🇷🇸	flag_serbia serbia	rs
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
🇸🇸	flag_south_sudan south_sudan	ss
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
🇼🇸	flag_samoa samoa	ws
🇽🇰	flag_kosovo kosovo	
🇾🇪	flag_yemen yemen	
🇾🇹	flag_mayotte mayotte	
🇿🇦	flag_south_africa south_africa	
🇿🇲	flag_zambia zambia	
🇿🇼	flag_zimbabwe zimbabwe	
🏴󠁧󠁢󠁥󠁮󠁧󠁿	flag_england england	
🏴󠁧󠁢󠁳󠁣󠁴󠁿	flag_scotland scotland	
🏴󠁧󠁢󠁷󠁬󠁳󠁿	flag_wales wales	gbwls`;
