/* Every macro of the type language gives the words that were measured on the original: compiled programs contain them. */
#include "tables.h"

int main(void)
{
    COMPARE(foo_spec, "20001 \"Foo\" 18 30004 \"name\" 0 20003 \"char\" 1 1 1 0 7 1 10 \"\" 30003 \"length\" 4 8 4 1 "
                      "30004 \"numbers\" 10 20003 \"long\" 8 8 0 0 7 2 8 4 0 0");
    COMPARE(list_spec, "20001 \"List\" 10 30003 \"value\" 4 0 4 0 30004 \"next\" 8 6 * 0 12 0 0");
    CHECK(list_spec[13] == (size_t)list_spec);
    COMPARE(color_spec, "20013 \"Color\" 4 2 1 20014 \"RED\" 1 20014 \"Green\" 2 20015 \"BRIGHT\" 100 20015 \"Dark\" 200 0 0");
    COMPARE(any_spec, "20002 \"Any\" 8 30003 \"byte\" 1 0 1 1 8 1 30004 \"text\" 0 20003 \"char\" 1 1 1 0 7 1 10 \"\" 8 2 "
                      "3000f \"nothing\" 8 3 0 0");
    COMPARE(tagged_spec, "20001 \"Tagged\" 10 30003 \"kind\" 4 0 4 0 30006 \"any\" 8 8 * 9 0 4 0 0");
    CHECK(tagged_spec[13] == (size_t)any_spec);
    COMPARE(arrays_spec, "20001 \"Arrays\" 8 30005 \"fixed\" 0 20003 \"int16_t\" 2 2 0 0 7 0 3 30003 \"count\" 1 6 1 1 "
                         "30005 \"flexible\" 7 20003 \"char\" 1 1 1 0 7 2 6 1 0 0");
    COMPARE(handle_spec, "2000a \"void*\" 8 * \"Thing\" e 1 d 0");
    CHECK(handle_spec[3] == (size_t)&lwmsg_handle_type_class);
    COMPARE(fd_spec, "2000a \"int\" 4 * 0 0");
    CHECK(fd_spec[3] == (size_t)&lwmsg_fd_type_class);
    COMPARE(pstr_spec, "4 20003 \"char\" 1 1 1 0 7 1 10 \"\" 0");
    COMPARE(void_spec, "f 0");
    COMPARE(integers_spec, "20003 \"int8_t\" 1 1 0 20003 \"int16_t\" 2 2 0 20003 \"int32_t\" 4 4 0 20003 \"int64_t\" 8 8 0 "
                           "20003 \"uint8_t\" 1 1 1 20003 \"uint16_t\" 2 2 1 20003 \"uint32_t\" 4 4 1 "
                           "20003 \"uint64_t\" 8 8 1 20003 \"int\" 4 3 0 0");
    COMPARE(members_spec, "20001 \"Everything\" 50 30003 \"i8\" 1 0 1 0 30003 \"i16\" 2 2 2 0 30003 \"i32\" 4 4 4 0 "
                          "30003 \"i64\" 8 8 8 0 30003 \"u8\" 1 10 1 1 30003 \"u16\" 2 12 2 1 30003 \"u32\" 4 14 4 1 "
                          "30003 \"u64\" 8 18 8 1 30003 \"i32\" 4 4 3 0 0 0");
    COMPARE(compounds_spec, "20001 \"Everything\" 50 30001 \"inner\" 2 20 0 30001 \"inner\" 2 20 30003 \"u8\" 1 10 1 1 c 0 1 0 "
                            "30002 \"any\" 8 28 0 30002 \"any\" 8 28 f 0 20002 \"Any\" 8 4 f 0 0 4 0 0 0");
    COMPARE(customs_spec, "2000a \"void *\" 8 * * e 5 3000a \"custom\" 8 30 * * 3000a \"fd\" 4 38 * 0 "
                          "3000a \"handle\" 8 40 * \"Thing\" e 2 0");
    CHECK(customs_spec[3] == (size_t)&class && customs_spec[4] == (size_t)&class_data);
    COMPARE(attributes_spec, "30004 \"text\" 48 20003 \"char\" 1 1 1 0 7 1 10 \"\" d 16 40 11 7 1 10 \"utf-16\" 7 1 10 \"\" "
                             "b * * c fffffffffffffffb 64 0");
    CHECK(attributes_spec[26] == (size_t)verify && attributes_spec[27] == (size_t)&class_data);
    use_tables();
    return 0;
}
