## A person's own key

renewal-banner = សោ​ផ្ទាល់​ខ្លួន​របស់​អ្នក​ត្រូវ​ប្តូរ​ថ្មី។
renewal-banner-link = ប្តូរ​ថ្មី
