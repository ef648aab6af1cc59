### Not yet checked by a native reader. What is missing here is said in English.

common-title = ข้อมูล
common-languages = ภาษา (Language)
common-lent = แบบฟอร์มนี้ยังไม่มีในภาษาของคุณ คำถามเป็นภาษาอังกฤษ คุณตอบเป็นภาษาของคุณได้
common-leave = ออกทันที
common-leave-help = ไปยังเว็บไซต์อื่นทันที ไม่ได้ลบประวัติการเข้าชมของคุณ
common-skip-to-content = ข้ามไปยังเนื้อหา
common-home = หน้าแรก
common-help = ความช่วยเหลือทางโทรศัพท์
common-navigation = หน้าต่างๆ
common-error = โปรดดูตรงนี้
common-demo = นี่เป็นเพียงการสาธิต โปรดอย่าเขียนเรื่องจริงที่นี่
kept-text = หน้าของคุณยังรอคุณอยู่ ไม่มีอะไรหายไป
kept-back = กลับไปที่เดิม
# The year is that of the common era.
common-date = { $day } { $month } ค.ศ. { $year }
common-month-january = มกราคม
common-month-february = กุมภาพันธ์
common-month-march = มีนาคม
common-month-april = เมษายน
common-month-may = พฤษภาคม
common-month-june = มิถุนายน
common-month-july = กรกฎาคม
common-month-august = สิงหาคม
common-month-september = กันยายน
common-month-october = ตุลาคม
common-month-november = พฤศจิกายน
common-month-december = ธันวาคม
