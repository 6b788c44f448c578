/* Whether the libraries are there that some objects do without (mk/optional.c, which has another answer): those of an
 * archive, and of all that is linked with them, are. */
int relink_optional_is_there(void);

__attribute__((weak)) int relink_optional_is_there(void)
{
    return 1;
}
