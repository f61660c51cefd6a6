import { Picture } from './picture.jsx';

export default function Page() {
  return <Picture />;
}
