import { Heading } from '../parts/heading';
import { RecentJobs } from '../parts/recent-jobs';
import { ServicePanel } from '../parts/service-panel';
import { UploadForm } from '../parts/upload-form';

export function UploadView() {
  return (
    <div class="columns">
      <section class="wide">
        <Heading title="Upload – image-relay">Upload images to Imgur</Heading>
        <p class="lead">
          Paste links to images, or any text with links in it. The service downloads each image and
          uploads it to Imgur.
        </p>
        <UploadForm />
      </section>
      <aside class="side" aria-label="Jobs and service">
        <RecentJobs />
        <ServicePanel />
      </aside>
    </div>
  );
}
