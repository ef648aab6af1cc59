## The audit trail

audit-who = អ្នក​ធ្វើ
audit-report = របាយការណ៍
audit-detail = បន្ថែម
audit-find = ស្វែងរក
audit-none = គ្មាន​កំណត់ត្រា​ត្រូវ​នឹង​ការ​ស្វែងរក​ទេ។ បើ​មាន​ទំព័រ​ចាស់​ជាង សូម​បន្ត​រក​នៅទីនោះ។
