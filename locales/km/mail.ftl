# The one notice that Kapea sends. It is the same for every reason, so that it tells nothing to whoever reads it on the way.
mail-notice-subject = សូមចូលប្រព័ន្ធ
mail-notice-opening = អាចមានអ្វីមួយដែលត្រូវពិនិត្យមើល។
mail-notice-request = សូមចូល Kapea តាមរបៀបដែលអ្នកធ្លាប់ចូលជាធម្មតា។
mail-notice-reason = អ្នកទទួលបានសារនេះ នៅពេលដែលអាចមានអ្វីកំពុងរង់ចាំ ហើយក៏មួយថ្ងៃម្តងជានិច្ចដែរ ដើម្បីឲ្យដឹងបើសារឈប់មកដល់។
mail-notice-closing = សារនេះមិនដែលប្រាប់អ្វីលើសពីនេះទេ។
