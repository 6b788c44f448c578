/* LWMSG_SPEC_DEBUG puts the file and the line behind each command and its name. */
#define LWMSG_SPEC_DEBUG
#include "tables.h"

int main(void)
{
    char text[1024];
    const char *file = (const char *)pstr_spec[1];

    CHECK(strlen(file) >= 8 && !strcmp(file + strlen(file) - 8, "tables.h"));
    CHECK_EQ(pstr_spec[2], LINE(9));
    snprintf(text, sizeof text,
             "40004 * %x 60003 \"char\" * %x 1 1 1 40000 * %x 40007 * %x 1 40010 * %x \"\" 40000 * %x", LINE(9), LINE(9),
             LINE(9), LINE(9), LINE(9), LINE(9));
    COMPARE(pstr_spec, text);
    snprintf(text, sizeof text, "4000f * %x 40000 * %x", LINE(10), LINE(10));
    COMPARE(void_spec, text);
    snprintf(text, sizeof text,
             "60001 \"Tagged\" * %x 10 70003 \"kind\" * %x 4 0 4 0 70006 \"any\" * %x 8 8 * 40009 * %x 0 4 40000 * %x "
             "40000 * %x",
             LINE(5), LINE(5), LINE(5), LINE(5), LINE(5), LINE(5));
    COMPARE(tagged_spec, text);
    snprintf(text, sizeof text,
             "60013 \"Color\" * %x 4 2 1 60014 \"RED\" * %x 1 60014 \"Green\" * %x 2 60015 \"BRIGHT\" * %x 100 "
             "60015 \"Dark\" * %x 200 40000 * %x 40000 * %x",
             LINE(3), LINE(3), LINE(3), LINE(3), LINE(3), LINE(3), LINE(3));
    COMPARE(color_spec, text);
    (void)foo_spec, (void)list_spec, (void)arrays_spec, (void)handle_spec, (void)fd_spec, (void)integers_spec;
    (void)members_spec, (void)compounds_spec, (void)customs_spec, (void)attributes_spec;
    use_tables();
    return 0;
}
