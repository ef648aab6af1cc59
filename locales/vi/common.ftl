### Not yet checked by a native reader. What is missing here is said in English.

common-title = Thông tin
common-languages = Ngôn ngữ (Language)
common-lent = Mẫu này chưa có bằng ngôn ngữ của bạn. Các câu hỏi bằng tiếng Anh. Bạn có thể trả lời bằng ngôn ngữ của mình.
common-leave = Thoát nhanh
common-leave-help = Chuyển ngay sang trang khác. Việc này không xóa lịch sử duyệt web của bạn.
common-skip-to-content = Đi đến nội dung chính
common-home = Trang đầu
common-help = Gọi trợ giúp
common-navigation = Các trang
common-error = Xin xem lại chỗ này
common-demo = Đây chỉ là bản dùng thử. Xin đừng viết chuyện thật ở đây.
kept-text = Trang của bạn vẫn đang chờ bạn. Không có gì bị mất.
kept-back = Quay lại chỗ lúc nãy
common-date = { $day } { $month } năm { $year }
common-month-january = tháng 1
common-month-february = tháng 2
common-month-march = tháng 3
common-month-april = tháng 4
common-month-may = tháng 5
common-month-june = tháng 6
common-month-july = tháng 7
common-month-august = tháng 8
common-month-september = tháng 9
common-month-october = tháng 10
common-month-november = tháng 11
common-month-december = tháng 12
