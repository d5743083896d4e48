footer-address = Provincial Administrative Centre, Lê Lợi Street, Hòa Phú Ward, Thủ Dầu Một City
