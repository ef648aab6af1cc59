# The daily mail to outsiders who keep heads of the audit log.
anchor-mail-subject = យុថ្កា​នៃ​កំណត់ហេតុ​សវនកម្ម
anchor-mail-opening = សូម​រក្សា​សារ​នេះ​ទុក។ វា​នឹង​បង្ហាញ​ថា​តើ​កំណត់ត្រា​ត្រូវ​បាន​កែប្រែ​ឬ​ទេ។ វា​មិន​មាន​អ្វី​អំពី​មនុស្ស ឬ​របាយការណ៍​ទេ។ មិន​ចាំបាច់​ធ្វើ​អ្វី​ទៀត​ទេ។
staff-mail-list-anchor = អ្នក​រក្សា​យុថ្កា
