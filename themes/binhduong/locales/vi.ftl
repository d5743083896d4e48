home-title = Bình Dương phục vụ bạn: hôm nay cần làm thủ tục gì?
footer-address = Trung tâm Hành chính tỉnh, đường Lê Lợi, phường Hòa Phú, thành phố Thủ Dầu Một
