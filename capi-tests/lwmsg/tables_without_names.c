/* LWMSG_OMIT_TYPESPEC_METADATA leaves the names out, and nothing else. LWMSG_DISABLE_DEPRECATED changes no table. */
#define LWMSG_OMIT_TYPESPEC_METADATA
#define LWMSG_DISABLE_DEPRECATED
#include "tables.h"

int main(void)
{
    COMPARE(foo_spec, "1 18 10004 0 3 1 1 1 0 7 1 10 \"\" 10003 4 8 4 1 10004 10 3 8 8 0 0 7 2 8 4 0 0");
    COMPARE(list_spec, "1 10 10003 4 0 4 0 10004 8 6 * 0 12 0 0");
    COMPARE(color_spec, "13 4 2 1 14 1 14 2 15 100 15 200 0 0");
    COMPARE(any_spec, "2 8 10003 1 0 1 1 8 1 10004 0 3 1 1 1 0 7 1 10 \"\" 8 2 1000f 8 3 0 0");
    COMPARE(tagged_spec, "1 10 10003 4 0 4 0 10006 8 8 * 9 0 4 0 0");
    COMPARE(arrays_spec, "1 8 10005 0 3 2 2 0 0 7 0 3 10003 1 6 1 1 10005 7 3 1 1 1 0 7 2 6 1 0 0");
    COMPARE(handle_spec, "a 8 * \"Thing\" e 1 d 0");
    COMPARE(fd_spec, "a 4 * 0 0");
    COMPARE(pstr_spec, "4 3 1 1 1 0 7 1 10 \"\" 0");
    COMPARE(void_spec, "f 0");
    COMPARE(integers_spec, "3 1 1 0 3 2 2 0 3 4 4 0 3 8 8 0 3 1 1 1 3 2 2 1 3 4 4 1 3 8 8 1 3 4 3 0 0");
    COMPARE(members_spec, "1 50 10003 1 0 1 0 10003 2 2 2 0 10003 4 4 4 0 10003 8 8 8 0 10003 1 10 1 1 10003 2 12 2 1 "
                          "10003 4 14 4 1 10003 8 18 8 1 10003 4 4 3 0 0 0");
    COMPARE(compounds_spec, "1 50 10001 2 20 0 10001 2 20 10003 1 10 1 1 c 0 1 0 10002 8 28 0 10002 8 28 f 0 2 8 4 f 0 0 4 0 "
                            "0 0");
    COMPARE(customs_spec, "a 8 * * e 5 1000a 8 30 * * 1000a 4 38 * 0 1000a 8 40 * \"Thing\" e 2 0");
    COMPARE(attributes_spec, "10004 48 3 1 1 1 0 7 1 10 \"\" d 16 40 11 7 1 10 \"utf-16\" 7 1 10 \"\" b * * c "
                             "fffffffffffffffb 64 0");
    use_tables();
    return 0;
}
