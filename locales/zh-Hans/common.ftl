### Not yet checked by a native reader. What is missing here is said in English.

common-title = 信息
common-languages = 语言 (Language)
common-lent = 这份表格还没有您的语言。问题是英文的。您可以用自己的语言回答。
common-leave = 快速离开
common-leave-help = 马上转到另一个网站。这不会删除您的浏览记录。
common-skip-to-content = 跳到主要内容
common-home = 首页
common-help = 电话求助
common-navigation = 页面
common-error = 请看这里
common-demo = 这只是演示。请不要在这里写真实的事情。
kept-text = 您的页面还在等您，什么都没有丢。
kept-back = 回到刚才的地方
common-date = { $year }年{ $month }{ $day }日
common-month-january = 1月
common-month-february = 2月
common-month-march = 3月
common-month-april = 4月
common-month-may = 5月
common-month-june = 6月
common-month-july = 7月
common-month-august = 8月
common-month-september = 9月
common-month-october = 10月
common-month-november = 11月
common-month-december = 12月
