// The emoji that people use most in chats, each by an English name and a Chinese one, and perhaps others. The first
// eight are for reactions.

const TABLE = `
  👍 thumbs_up 赞 +1, ❤️ heart 爱心 love, 😂 joy 笑哭 lol, 🎉 tada 庆祝, 😮 open_mouth 惊讶, 😢 cry 哭, 🙏 pray 谢谢, 👀 eyes 看,
  😀 grinning 嘿嘿, 😃 smiley 哈哈, 😄 smile 大笑, 😁 grin 嘻嘻, 😆 laughing 斜眼笑, 😅 sweat_smile 苦笑, 🤣 rofl 笑倒, 🙂 slight_smile 微笑,
  🙃 upside_down 倒脸, 😉 wink 眨眼, 😊 blush 害羞, 😇 innocent 天使, 🥰 in_love 喜爱, 😍 heart_eyes 花痴, 🤩 star_struck 崇拜, 😘 kiss 飞吻,
  😋 yum 好吃, 😛 tongue 吐舌, 😜 crazy 调皮, 🤗 hug 抱抱, 🤔 thinking 思考, 🫡 salute 敬礼, 😐 neutral 冷漠, 😶 no_mouth 沉默, 😏 smirk 得意,
  🙄 eye_roll 白眼, 😌 relieved 松口气, 😔 pensive 失落, 🤤 drool 流口水, 😴 sleeping 睡觉, 😷 mask 口罩, 🤢 nauseated 恶心, 🤮 vomit 吐,
  🥵 hot_face 热, 🥶 cold_face 冷, 😵 dizzy 头晕, 🤯 mind_blown 爆炸头, 🥳 partying 派对, 😎 cool 酷, 🤓 nerd 书呆子, 😕 confused 困惑,
  😟 worried 担心, 🙁 frown 不开心, 😳 flushed 脸红, 🥺 pleading 可怜, 😨 fearful 害怕, 😭 sob 大哭, 😱 scream 尖叫, 😞 disappointed 失望,
  😓 sweat 汗, 🥱 yawn 哈欠, 😤 triumph 哼, 😡 rage 愤怒, 😠 angry 生气, 💀 skull 骷髅, 💩 poop 便便, 🤡 clown 小丑, 👻 ghost 鬼, 🤖 robot 机器人,
  😺 cat_smile 猫笑, 🙈 see_no_evil 不看, 🙉 hear_no_evil 不听, 🙊 speak_no_evil 不说, 💋 lips 唇印, 💌 love_letter 情书,
  💔 broken_heart 心碎, 💛 yellow_heart 黄心, 💚 green_heart 绿心, 💙 blue_heart 蓝心, 💜 purple_heart 紫心, 💯 hundred 满分, 💥 boom 爆炸,
  💦 drops 水滴, 💬 speech 说话, 💤 zzz 睡, 👋 wave 再见, ✋ hand 举手, 👌 ok_hand 好, ✌️ victory 耶, 🤞 fingers_crossed 祈祷,
  👈 point_left 左边, 👉 point_right 右边, 👆 point_up 上面, 👇 point_down 下面, 👎 thumbs_down 踩 -1, ✊ fist 拳头, 👊 punch 出拳,
  👏 clap 鼓掌, 🙌 hooray 万岁, 🫶 heart_hands 比心, ✍️ writing 写字, 💪 muscle 加油, 🧠 brain 大脑, 👶 baby 宝宝, 👩 woman 女人, 👨 man 男人,
  🙋 raising_hand 我来, 🙇 bow 拜托, 🤦 facepalm 捂脸, 🤷 shrug 耸肩, 🎅 santa 圣诞老人, 🏃 running 跑步, 💃 dancing 跳舞, 🐶 dog 狗, 🐱 cat 猫,
  🐰 rabbit 兔子, 🦊 fox 狐狸, 🐻 bear 熊, 🐼 panda 熊猫, 🦁 lion 狮子, 🐷 pig 猪, 🐸 frog 青蛙, 🐵 monkey 猴子, 🐔 chicken 鸡, 🐧 penguin 企鹅,
  🐦 bird 鸟, 🐴 horse 马, 🦄 unicorn 独角兽, 🐝 bee 蜜蜂, 🐛 bug 虫子, 🦋 butterfly 蝴蝶, 🐢 turtle 乌龟, 🐙 octopus 章鱼, 🦀 crab 螃蟹, 🐟 fish 鱼,
  🐘 elephant 大象, 🐉 dragon 龙, 🦖 dinosaur 恐龙, 🌸 blossom 樱花, 🌱 seedling 新芽, 🌲 tree 树, 🍁 maple 枫叶, 🍎 apple 苹果, 🍊 orange 橙子,
  🍌 banana 香蕉, 🍉 watermelon 西瓜, 🍓 strawberry 草莓, 🌶️ chili 辣椒, 🧀 cheese 奶酪, 🍔 burger 汉堡, 🍟 fries 薯条, 🍕 pizza 披萨,
  🍚 rice 米饭, 🍜 noodles 面条, 🥟 dumpling 饺子, 🍣 sushi 寿司, 🥮 mooncake 月饼, 🍦 ice_cream 冰淇淋, 🍩 donut 甜甜圈, 🍪 cookie 饼干,
  🎂 birthday 生日, 🍰 cake 蛋糕, 🍫 chocolate 巧克力, 🍬 candy 糖, 🍿 popcorn 吃瓜, ☕ coffee 咖啡, 🍵 tea 茶, 🧋 bubble_tea 奶茶, 🍺 beer 啤酒,
  🍻 cheers 干杯, 🍷 wine 红酒, 🏖️ beach 海滩, 🏠 house 家, 🚗 car 汽车, 🚌 bus 公交, 🚲 bike 自行车, 🚄 train 火车, ✈️ plane 飞机, 🚀 rocket 火箭,
  ⏰ alarm 闹钟, 🌙 moon 月亮, ☀️ sun 太阳, ⭐ star 星星, 🌈 rainbow 彩虹, ☁️ cloud 云, 🌧️ rain 下雨, ⚡ zap 闪电, ❄️ snow 雪, ⛄ snowman 雪人,
  🔥 fire 火, 🌊 ocean 海浪, ✨ sparkles 闪亮, 🎈 balloon 气球, 🎁 gift 礼物, 🧧 red_envelope 红包, 🎄 christmas 圣诞, 🏆 trophy 冠军,
  🥇 gold 金牌, ⚽ football 足球, 🏀 basketball 篮球, 🏓 ping_pong 乒乓球, 🏸 badminton 羽毛球, 🎮 game 游戏, 🎲 dice 骰子, 🎨 art 画画,
  🎤 karaoke 唱歌, 🎵 music 音乐, 🎸 guitar 吉他, 🎬 movie 电影, 👑 crown 皇冠, 💎 gem 钻石, 📱 phone 手机, 💻 laptop 电脑, 📷 camera 相机, 📺 tv 电视,
  💡 idea 主意, 🔋 battery 电池, 📚 books 书, 📖 book 看书, ✏️ pencil 铅笔, 📝 memo 笔记, 📅 calendar 日历, 📈 chart_up 上涨, 📌 pin 图钉,
  🔗 link 链接, 📦 package 包裹, 📧 email 邮件, 💰 money 钱, 🔑 key 钥匙, 🔒 lock 锁, 🔧 wrench 工具, 🔍 search 搜索, 🔔 bell 铃, 🗑️ trash 垃圾,
  🚨 siren 警报, ⚠️ warning 警告, 🚫 forbidden 禁止, ✅ check 完成, ❌ x 错, ❓ question 问题, ❗ exclamation 感叹号, ➕ plus 加, ➡️ right 右,
  ⬆️ up 上, ♻️ recycle 回收, 🆗 ok 行, 🆕 new 新, 🆘 sos 救命, 🔴 red 红, 🟡 yellow 黄, 🟢 green 绿, 🚩 flag 旗
`;

const ROWS = TABLE.trim().split(/,\s+/).map((row) => {
  const [emoji, ...names] = row.split(" ");
  return { emoji, names };
});
const CHINESE = 1; // its place among the names

// Those that have a name which begins with what is looked for, then those that have it inside: [{ emoji, name }], the name
// in the language of the page. All of them, where nothing is looked for.
export function emojiFor(query, language) {
  const wanted = query.trim().toLowerCase().replace(/[\s-](?!\d)/g, "_");
  const rank = ({ names }) => (names.some((it) => it.startsWith(wanted)) ? 0 : names.some((it) => it.includes(wanted)) ? 1 : 2);
  const ranked = ROWS.map((row) => [rank(row), row]).filter(([it]) => it < 2);
  const name = ({ names }) => names[language.startsWith("zh") ? CHINESE : 0].replaceAll("_", " ");
  return ranked.sort(([one], [other]) => one - other).map(([, row]) => ({ emoji: row.emoji, name: name(row) }));
}
